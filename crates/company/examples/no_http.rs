//! Companies in a program of one's own, without HTTP: `cargo run -p ouvira-company --example no_http`.
//!
//! What the domain needs of others comes in through ports. Here they are the fakes of `ouvira_common::testing`, and the
//! tenant is a fresh one on a private Postgres; a real program brings its own, or the other Ouvira crates.

use std::sync::Arc;

use ouvira_common::{
    id::CompanyId,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, RecordingAudit, RecordingGrants},
    },
};
use ouvira_company::{Companies, CompanyDeps, CompanyError, MIGRATIONS, NewCompany};

fn named(name: &str, parent: Option<CompanyId>) -> NewCompany {
    NewCompany { name: name.to_owned(), parent, ..NewCompany::default() }
}

#[tokio::main]
async fn main() -> Result<(), CompanyError> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let audit = Arc::new(RecordingAudit::default());
    let companies = Companies::new(CompanyDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        tree: Arc::new(RecordingGrants::default()),
        audit: audit.clone(),
    });
    let ada = tenant.context(&tenant.user().await);

    let group = companies.create(&ada, named("Analytical Engines", None)).await?;
    let works = companies.create(&ada, named("Difference Engines", Some(group.id))).await?;
    match companies.create(&ada, named("ANALYTICAL ENGINES", None)).await {
        Err(CompanyError::NameTaken) => println!("siblings have different names, however they are spelled"),
        other => println!("{other:?}"),
    }
    match companies.relocate(&ada, group.id, Some(works.id)).await {
        Err(CompanyError::Cycle) => println!("and nothing stands below itself"),
        other => println!("{other:?}"),
    }
    let tree = companies.tree(&ada, group.id).await?;
    println!(
        "{} has {} below it; in the log: {:?}",
        tree.company.particulars.name,
        tree.children.len(),
        audit.actions()
    );
    Ok(())
}
