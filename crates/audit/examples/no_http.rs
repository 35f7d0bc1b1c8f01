//! The record in a program of one's own, without HTTP: `cargo run -p ouvira-audit --example no_http`.
//!
//! What the domain needs of others comes in through ports. Here they are the fakes of `ouvira_common::testing`, and the
//! tenant is a fresh one on a private Postgres; a real program brings its own, or the other Ouvira crates.

use std::sync::Arc;

use ouvira_audit::{Audit, AuditDeps, AuditError, MIGRATIONS, Recorder};
use ouvira_common::{
    entropy::OsEntropy,
    id::uuid_at,
    page::PageRequest,
    ports::{Activity, AuditSink as _, Changes},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, MemoryUsers},
    },
};

#[tokio::main]
async fn main() -> Result<(), AuditError> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let recorder = Recorder::new(Arc::new(OsEntropy));
    let audit = Audit::new(AuditDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        users: Arc::new(MemoryUsers::default()),
        recorder: recorder.clone(),
    });
    let ada = tenant.context(&tenant.user().await);

    // A use case of this program's own: what it changes and what it records is one transaction.
    let invoice = uuid_at(tenant.now());
    tenant
        .db()
        .write(&ada, async |tx| {
            let changes = Changes::new().public("status", Some("draft"), Some("sent")).personal(
                "recipient",
                None,
                Some("grace@example.com"),
            );
            recorder.record(tx, Activity::new("invoice.sent", "invoice", invoice).changes(changes));
            Ok::<_, AuditError>(())
        })
        .await?;

    for row in audit.list_own_activity(&ada, &PageRequest::default()).await?.items {
        println!("{:?}\n{:?}", row.entry, row.personal);
    }
    Ok(())
}
