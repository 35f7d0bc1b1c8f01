//! Migrating many placements, checking their walls, keeping spare ones.

use std::num::NonZeroUsize;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use ouvira_common::{migration::Migration, tenant::PlacementMode, time::Clock as _};
use ouvira_tenancy::{
    History, NewTenant, Placements, Selection, TenancyError, TenantDeps, TenantRecord, Tenants, schema_name,
};

use crate::support::{NOTES, Platform, column, new_tenant, write_note};

/// A later release.
const TITLES: Migration = Migration {
    version: "20270202000000_titles",
    up: "ALTER TABLE notes ADD COLUMN title text NOT NULL DEFAULT '';",
    down: "ALTER TABLE notes DROP COLUMN title;",
};

fn next_release(platform: &Platform) -> Placements {
    Placements::new(&platform.endpoint("owner"), History::new([NOTES, TITLES]))
}

fn jobs(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

async fn fleet(platform: &Platform) -> Vec<TenantRecord> {
    let mut tenants = Vec::new();
    for mode in PlacementMode::ALL {
        for name in ["one", "two"] {
            let new = NewTenant { admin: None, ..new_tenant(&format!("{name}-{}", mode.as_str()), mode) };
            tenants.push(platform.tenants.create(&platform.ctx(), new).await.unwrap().tenant);
        }
    }
    tenants
}

async fn owner_at(platform: &Platform, tenant: &TenantRecord) -> AsyncPgConnection {
    platform.connection("owner", tenant.placement.database.as_deref()).await
}

#[tokio::test]
async fn a_release_reaches_every_placement_once() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    let next = next_release(&platform);
    let plan = next.plan().await.unwrap();
    assert_eq!(plan.len(), 5);
    assert!(plan.iter().all(|pending| pending.versions == [TITLES.version]));
    assert_eq!(next.status().await.unwrap().pending, 5);

    let report = next.migrate(jobs(4), platform.clock.now()).await.unwrap();
    assert_eq!(report.prepared.shared, [TITLES.version]);
    assert_eq!((report.migrated, report.failed.len()), (4, 0));
    for tenant in &tenants {
        let schema = schema_name(tenant.placement.mode, tenant.id);
        let ledger = format!("SELECT version FROM {schema}.schema_migrations ORDER BY version");
        let versions = column(&mut owner_at(&platform, tenant).await, &ledger).await.unwrap();
        assert_eq!(versions, [NOTES.version, TITLES.version]);
    }

    assert!(next.plan().await.unwrap().is_empty());
    let again = next.migrate(jobs(4), platform.clock.now()).await.unwrap();
    assert_eq!((again.migrated, again.failed.len()), (0, 0));
    let status = next.status().await.unwrap();
    assert_eq!((status.current, status.pending), (5, 0));
}

#[tokio::test]
async fn a_placement_that_fails_stops_no_other_and_is_named_until_it_is_mended() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    let broken = tenants.iter().find(|tenant| tenant.placement.mode == PlacementMode::Schema).unwrap();
    let schema = schema_name(PlacementMode::Schema, broken.id);
    let mut owner = owner_at(&platform, broken).await;
    owner.batch_execute(&format!("ALTER TABLE {schema}.notes ADD COLUMN title int")).await.unwrap();

    let next = next_release(&platform);
    let report = next.migrate(jobs(2), platform.clock.now()).await.unwrap();
    assert_eq!((report.migrated, report.failed.len()), (3, 1));
    assert_eq!(report.failed[0].0.schema, schema);
    let status = next.status().await.unwrap();
    assert_eq!((status.current, status.pending, status.failed.len()), (4, 1, 1));
    assert!(status.failed[0].error.as_ref().unwrap().contains("title"));

    owner.batch_execute(&format!("ALTER TABLE {schema}.notes DROP COLUMN title")).await.unwrap();
    let report = next.migrate(jobs(2), platform.clock.now()).await.unwrap();
    assert_eq!((report.migrated, report.failed.len()), (1, 0));
    assert!(next.status().await.unwrap().failed.is_empty());
}

#[tokio::test]
async fn a_run_that_was_interrupted_goes_on_where_it_was() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    let next = next_release(&platform);
    // One was migrated, and the note of it was lost.
    next.make(tenants[2].id, tenants[2].placement.mode).await.unwrap();
    let report = next.migrate(jobs(1), platform.clock.now()).await.unwrap();
    assert_eq!((report.migrated, report.failed.len()), (4, 0));
}

#[derive(diesel::QueryableByName)]
struct Plan {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
    line: String,
}

#[tokio::test]
async fn the_question_what_is_to_be_done_is_answered_from_the_index() {
    let platform = Platform::new().await;
    let mut owner = platform.connection("owner", None).await;
    let many = "INSERT INTO ouvira_catalog.placements (id, tenant_id, mode, schema_name, state, history) \
                SELECT gen_random_uuid(), gen_random_uuid(), 'schema', 't_' || lpad(to_hex(n), 32, '0'), 'ready', 'abc' \
                FROM generate_series(1, 20000) n; ANALYZE ouvira_catalog.placements";
    owner.batch_execute(many).await.unwrap();
    owner.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let range = |relation: &str| {
        format!(
            "SELECT id FROM ouvira_catalog.placements WHERE history {relation} 'abc' AND state <> 'making'"
        )
    };
    let query = format!("{} UNION ALL {}", range("<"), range(">"));
    let plan: Vec<Plan> =
        diesel_async::RunQueryDsl::load(diesel::sql_query(format!("EXPLAIN {query}")), &mut owner)
            .await
            .unwrap();
    let plan: Vec<String> = plan.into_iter().map(|row| row.line).collect();
    assert!(plan.iter().all(|line| !line.contains("Seq Scan")), "{plan:#?}");
}

#[tokio::test]
async fn a_wall_that_was_torn_down_is_found_printed_and_put_up_again() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    assert!(platform.placements.rls_check(Selection::All).await.unwrap().is_empty());
    for tenant in &tenants {
        let schema = schema_name(tenant.placement.mode, tenant.id);
        let tear_down = format!("ALTER TABLE {schema}.notes NO FORCE ROW LEVEL SECURITY");
        owner_at(&platform, tenant).await.batch_execute(&tear_down).await.unwrap();
        let faults = platform.placements.rls_check(Selection::Of(tenant.id)).await.unwrap();
        let database = tenant.placement.database.as_ref().map(|name| format!("{name}.")).unwrap_or_default();
        assert_eq!(faults, [format!("{database}{schema}.notes: row-level security is not forced")]);
    }
    assert_eq!(platform.placements.rls_check(Selection::All).await.unwrap().len(), 5);

    let sql = platform.placements.rls_print(Selection::All).await.unwrap();
    assert_eq!(sql.matches("FORCE ROW LEVEL SECURITY").count(), 5);
    assert_eq!(platform.placements.rls_apply(Selection::All).await.unwrap(), 5);
    assert!(platform.placements.rls_check(Selection::All).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_database_that_cannot_be_reached_is_a_fault_and_does_not_hide_the_others() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    let own = tenants[4].placement.database.clone().unwrap();
    let mut owner = platform.connection("owner", None).await;
    owner.batch_execute(&format!("ALTER DATABASE {own} ALLOW_CONNECTIONS false")).await.unwrap();
    let tear_down = "ALTER TABLE ouvira_shared.notes DISABLE ROW LEVEL SECURITY";
    owner.batch_execute(tear_down).await.unwrap();
    let faults = platform.placements.rls_check(Selection::All).await.unwrap();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults.iter().any(|fault| fault.starts_with(&own)));
}

#[tokio::test]
async fn nobody_has_no_walls() {
    let platform = Platform::new().await;
    let nobody = ouvira_common::id::TenantId(uuid::Uuid::max());
    let outcome = platform.placements.rls_check(Selection::Of(nobody)).await;
    assert!(matches!(outcome, Err(TenancyError::NotFound)));
}

#[tokio::test]
async fn a_spare_schema_becomes_a_tenants_without_the_owners_hand() {
    let platform = Platform::new().await;
    assert_eq!(platform.placements.keep_spare(2, platform.clock.now()).await.unwrap(), 2);
    assert_eq!(platform.placements.keep_spare(2, platform.clock.now()).await.unwrap(), 0);
    let serving = Tenants::new(TenantDeps { placements: None, ..platform.deps() });
    let ctx = platform.ctx();
    let create = |slug| serving.create(&ctx, new_tenant(slug, PlacementMode::Schema));
    let (one, two) = tokio::join!(create("one"), create("two"));
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one.tenant.id, two.tenant.id);
    assert!(one.admin_user_id.is_some() && two.admin_user_id.is_some());
    write_note(&platform.db(), &platform.open("one").await, "hello").await.unwrap();
    assert_eq!(platform.placements.status().await.unwrap().spare, 0);
    assert_eq!(platform.placements.keep_spare(2, platform.clock.now()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_spare_schema_of_an_older_release_is_not_taken_and_is_migrated_with_the_fleet() {
    let platform = Platform::new().await;
    platform.placements.keep_spare(1, platform.clock.now()).await.unwrap();
    let next = next_release(&platform);
    let deps = TenantDeps { placements: None, history: next.history().clone(), ..platform.deps() };
    let accepted =
        Tenants::new(deps).create(&platform.ctx(), new_tenant("one", PlacementMode::Schema)).await.unwrap();
    assert!(accepted.admin_user_id.is_none());
    let report = next.migrate(jobs(2), platform.clock.now()).await.unwrap();
    assert_eq!(report.migrated, 1);
    assert_eq!(next.keep_spare(1, platform.clock.now()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_spare_schema_that_was_half_made_is_completed() {
    let platform = Platform::new().await;
    platform.placements.keep_spare(1, platform.clock.now()).await.unwrap();
    let mut owner = platform.connection("owner", None).await;
    let half = "UPDATE ouvira_catalog.placements SET state = 'making', history = '' WHERE state = 'spare'";
    owner.batch_execute(half).await.unwrap();
    assert_eq!(platform.placements.keep_spare(1, platform.clock.now()).await.unwrap(), 1);
    assert_eq!(platform.placements.status().await.unwrap().spare, 1);
}

#[tokio::test]
async fn notes_that_are_wrong_are_made_anew_from_the_ledgers() {
    let platform = Platform::new().await;
    let tenants = fleet(&platform).await;
    assert_eq!(platform.placements.recount(platform.clock.now()).await.unwrap(), 0);
    let restored = &tenants[4];
    let undo = "DELETE FROM ouvira_shared.schema_migrations; DROP TABLE ouvira_shared.notes";
    owner_at(&platform, restored).await.batch_execute(undo).await.unwrap();
    let forget = "UPDATE ouvira_catalog.placements SET history = 'lost' WHERE mode = 'schema'";
    platform.connection("owner", None).await.batch_execute(forget).await.unwrap();

    assert_eq!(platform.placements.recount(platform.clock.now()).await.unwrap(), 3);
    assert_eq!(platform.placements.status().await.unwrap().pending, 1);
    let report = platform.placements.migrate(jobs(2), platform.clock.now()).await.unwrap();
    assert_eq!((report.migrated, report.failed.len()), (1, 0));
}
