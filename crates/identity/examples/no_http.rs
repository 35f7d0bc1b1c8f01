//! Users in a program of one's own, without HTTP: `cargo run -p ouvira-identity --example no_http`.
//!
//! What the domain needs of others comes in through ports. Here they are the fakes of `ouvira_common::testing`, and the
//! tenant is a fresh one on a private Postgres; a real program brings its own, or the other Ouvira crates.

use std::sync::Arc;

use ouvira_common::{
    page::PageRequest,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, FakeSessions, RecordingAudit, RecordingGrants},
    },
};
use ouvira_identity::{
    Edit, ListUsers, MIGRATIONS, NewUser, ProfileEdit, UserDeps, UserEdit, UserError, Users,
};

#[tokio::main]
async fn main() -> Result<(), UserError> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let grants = Arc::new(RecordingGrants::default());
    let audit = Arc::new(RecordingAudit::default());
    let users = Users::new(UserDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        roles: grants.clone(),
        memberships: grants,
        sessions: Arc::new(FakeSessions::default()),
        audit: audit.clone(),
    });
    let administrator = tenant.context(&tenant.user().await);

    let new = NewUser {
        email: "grace@example.com".to_owned(),
        first_name: Some("Grace".to_owned()),
        last_name: Some("Hopper".to_owned()),
        ..NewUser::default()
    };
    let grace = users.create(&administrator, new).await?;
    println!("{} began, version {}", grace.id, grace.version);

    let profile = ProfileEdit { timezone: Edit::To("America/New_York".to_owned()), ..ProfileEdit::default() };
    let edit = UserEdit { profile, ..UserEdit::default() };
    let grace = users.update(&administrator, grace.id, edit, Some(grace.version)).await?;
    println!("she lives in {}", grace.timezone);

    let list = ListUsers { search: Some("hop".to_owned()), ..ListUsers::default() };
    let found = users.list(&administrator, list, &PageRequest::default()).await?;
    println!("{} found by \"hop\"; in the log: {:?}", found.items.len(), audit.actions());
    Ok(())
}
