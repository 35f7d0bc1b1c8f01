//! What an export of many rows costs in memory: `cargo run --release -p ouvira-audit --example export_memory -- 1000000`.
//!
//! Writes that many activities into a tenant on a private Postgres, seals them, exports all of them as CSV and as JSON lines, and
//! prints by how much the memory of this process grew.

use std::{sync::Arc, time::Instant};

use ouvira_audit::{
    ActivityFilter, Audit, AuditDeps, AuditError, ExportFormat, MIGRATIONS, Recorder, seal::Sealer,
};
use ouvira_common::{
    entropy::OsEntropy,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, MemoryUsers},
    },
};

#[tokio::main]
async fn main() -> Result<(), AuditError> {
    let rows: u32 = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let begun = Instant::now();
    tenant.owner_sql(&activities(&tenant.tenant().id.to_string(), rows)).await;
    println!("{rows} rows written in {:.1} s", begun.elapsed().as_secs_f32());
    let begun = Instant::now();
    let sealed = Sealer::new(tenant.db()).seal(&tenant.job()).await?;
    let leaves = sealed.map_or(0, |sealed| sealed.head.size);
    println!("{leaves} leaves sealed in {:.1} s", begun.elapsed().as_secs_f32());

    let audit = Audit::new(AuditDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        users: Arc::new(MemoryUsers::default()),
        recorder: Recorder::new(Arc::new(OsEntropy)),
    });
    let ctx = tenant.context(&tenant.user().await);
    for format in [ExportFormat::Csv, ExportFormat::JsonLines] {
        let (begun, before) = (Instant::now(), peak());
        let mut export = audit.export_activity(&ctx, ActivityFilter::default(), format).await?;
        let (mut lines, mut bytes, mut largest) = (0, 0, 0);
        while let Some(piece) = export.next().await? {
            lines += piece.lines().count();
            bytes += piece.len();
            largest = largest.max(piece.len());
        }
        println!(
            "{}: {lines} lines, {} MB in pieces of at most {} kB, {:.1} s; peak memory {before} kB before, {} kB after",
            format.as_str(),
            bytes / 1_000_000,
            largest / 1000,
            begun.elapsed().as_secs_f32(),
            peak(),
        );
    }
    Ok(())
}

/// SQL that writes `rows` activities over the last thirty days, as the owner.
fn activities(tenant: &str, rows: u32) -> String {
    format!(
        "SET LOCAL synchronous_commit TO off; \
         INSERT INTO activity_log (tenant_id, id, at, retention_days, actor_kind, actor_id, action, object_kind, object_id, \
             changes, request_id, personal, salt, public_hash, personal_hash) \
         SELECT '{tenant}', (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || \
                substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid, at, 365, 'user', \
                md5('actor' || n % 1000)::uuid, 'company.updated', 'company', md5('company' || n % 5000)::uuid, \
                '{{\"name\": {{\"from\": \"Before\", \"to\": \"After\"}}}}', 'request-' || n, \
                '{{\"ip\": \"192.0.2.7\", \"object_label\": \"=Engines & Söhne\", \"user_agent\": \"curl\"}}', \
                decode(md5(n::text), 'hex'), sha256(n::text::bytea), sha256(n::text::bytea) \
           FROM generate_series(1, {rows}) n \
          CROSS JOIN LATERAL (SELECT now() - interval '30 days' + n * (interval '30 days' / {rows}) AS at) t"
    )
}

/// The most memory this process has had, in kB, as Linux tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
