//! For how long rows are kept.

use chrono::{DateTime, Duration};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_audit::{
    MIGRATIONS,
    keeping::{delete_expired, drop_expired, prepare_months},
};
use ouvira_common::{
    db::connect,
    migration::{Target, migrate},
    rls,
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::TestServer,
    time::{Clock as _, SystemClock, Timestamp},
};

use crate::{court::Court, sealing::write, support::House};

const SHARED: &str = "ouvira_shared";

/// Common tables that no other test writes into.
async fn common(name: &str) -> AsyncPgConnection {
    let server = TestServer::get();
    let mut owner = server.owner("ouvira").await;
    owner.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
    let mut owner = server.owner(name).await;
    migrate(&mut owner, Target::Placement { schema: SHARED, tenant: None }, MIGRATIONS).await.unwrap();
    owner
}

async fn insert(owner: &mut AsyncPgConnection, at: Timestamp, days: i16) {
    let insert = format!(
        "BEGIN; SET LOCAL app.maintenance TO 'on'; \
         INSERT INTO ouvira_shared.activity_log (tenant_id, id, at, retention_days, actor_kind, actor_id, action, object_kind, \
             object_id, changes, request_id, public_hash, personal_hash) \
         VALUES (gen_random_uuid(), gen_random_uuid(), '{at}', {days}, 'system', gen_random_uuid(), 'a.b', 'a', \
             gen_random_uuid(), '{{}}', 'r', sha256(''), sha256('')); COMMIT"
    );
    owner.batch_execute(&insert).await.unwrap();
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

async fn count(owner: &mut AsyncPgConnection, what: &str) -> i64 {
    owner.batch_execute("BEGIN; SET LOCAL app.maintenance TO 'on'").await.unwrap();
    let row: Count =
        sql_query(format!("SELECT count(*) AS count FROM {what}")).get_result(owner).await.unwrap();
    owner.batch_execute("COMMIT").await.unwrap();
    row.count
}

#[tokio::test]
async fn months_are_made_ahead_take_over_what_came_before_them_and_go_when_they_are_over() {
    let mut owner = common("keeping").await;
    let now = SystemClock.now();
    assert_eq!(prepare_months(&mut owner, now).await.unwrap(), 0, "the migration made them");
    let far = now + Duration::days(200);
    for days in [90, 365] {
        insert(&mut owner, now, days).await;
        insert(&mut owner, far, days).await;
    }
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log_90_rest").await, 1);
    let made = prepare_months(&mut owner, now).await.unwrap();
    assert_eq!(made, 2, "a month for what had come into the rest of both classes");
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log_90_rest").await, 0);
    assert!(prepare_months(&mut owner, far).await.unwrap() > 0);
    assert_eq!(
        rls::check(&mut owner, SHARED, None).await.unwrap(),
        Vec::<String>::new(),
        "walls around partitions too"
    );

    let later = now + Duration::days(31 + 91);
    assert_eq!(drop_expired(&mut owner, 0, later).await.unwrap(), 1, "only the other log's, which is empty");
    assert_eq!(
        count(&mut owner, "ouvira_shared.activity_log WHERE retention_days = 90").await,
        2,
        "it may not be sealed"
    );
    assert_eq!(drop_expired(&mut owner, i64::MAX, later).await.unwrap(), 1);
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log WHERE retention_days = 90").await, 1);
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log WHERE retention_days = 365").await, 2);
}

#[tokio::test]
async fn who_serves_reaches_no_partition() {
    let mut owner = common("keeping_grants").await;
    prepare_months(&mut owner, SystemClock.now() + Duration::days(400)).await.unwrap();
    let select = "SELECT count(*) AS count FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = 'ouvira_shared' AND c.relispartition AND c.relkind IN ('r', 'p') \
                     AND has_table_privilege('ouvira_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')";
    let row: Count = sql_query(select).get_result(&mut owner).await.unwrap();
    assert_eq!(row.count, 0);
    let mut app = connect(&TestServer::get().endpoint("app", "keeping_grants"), None).await.unwrap();
    assert!(app.batch_execute("SELECT FROM ouvira_shared.activity_log_365_rest").await.is_err());
    assert!(app.batch_execute("SELECT FROM ouvira_shared.activity_log").await.is_ok());
}

/// What was there before is there afterwards, each in its month.
#[tokio::test]
async fn rows_of_plain_tables_come_into_their_months() {
    let server = TestServer::get();
    let mut owner = server.owner("ouvira").await;
    owner.batch_execute("CREATE DATABASE keeping_copy").await.unwrap();
    let mut owner = server.owner("keeping_copy").await;
    let target = Target::Placement { schema: SHARED, tenant: None };
    migrate(&mut owner, target, &MIGRATIONS[..1]).await.unwrap();
    let long_ago = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    for at in [long_ago, SystemClock.now()] {
        insert(&mut owner, at, 2557).await;
    }
    migrate(&mut owner, target, MIGRATIONS).await.unwrap();
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log").await, 2);
    assert_eq!(count(&mut owner, "ouvira_shared.activity_log_2557_202311").await, 1);
    let partitioned = "pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'ouvira_shared.activity_log'::regclass";
    assert_eq!(count(&mut owner, partitioned).await, 8, "all indexes of the plain table");
}

#[tokio::test]
async fn a_record_is_proven_after_its_old_rows_are_gone() {
    for mode in [PlacementMode::Schema, PlacementMode::Database] {
        let mut court = Court::new(mode).await;
        write(&court.house, &court.tenant().job(), 700).await;
        court.seal(1400).await;
        let schema = court.tenant().schema().to_owned();
        let mut owner = court.tenant().connection("owner").await;
        court.tenant().clock().advance(Duration::days(364));
        assert_eq!(delete_expired(&mut owner, &schema, court.tenant().now()).await.unwrap(), 0, "{mode:?}");
        court.tenant().clock().advance(Duration::days(2));
        assert_eq!(
            delete_expired(&mut owner, &schema, court.tenant().now()).await.unwrap(),
            1400,
            "{mode:?}"
        );
        let report = court.judge_with(Some(&court.checkpoint())).await;
        assert_eq!((report.fault, report.rows, report.expired), (None, 0, 1400), "{mode:?}");
    }
}

#[tokio::test]
async fn a_tenants_setting_is_the_class_of_its_new_rows() {
    for mode in PlacementMode::ALL {
        for days in [90_u16, 365, 2557] {
            let settings = TenantSettings { audit_retention_days: days, ..TenantSettings::default() };
            let house = House::with_settings(mode, settings).await;
            write(&house, &house.tenant.job(), 1).await;
            let rows = format!(
                "SELECT retention_days FROM activity_log WHERE tenant_id = '{0}' \
                 UNION ALL SELECT retention_days FROM security_log WHERE tenant_id = '{0}'",
                house.tenant.tenant().id
            );
            let rows = house.tenant.owner_rows(&rows).await;
            let kept: Vec<u64> = rows.iter().map(|row| row["retention_days"].as_u64().unwrap()).collect();
            assert_eq!(kept, [u64::from(days); 2], "{mode:?}");
        }
    }
}
