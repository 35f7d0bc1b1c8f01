//! Erasing what was deleted.

use chrono::Duration;
use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{
    db::{DbError, Refusal},
    id::TenantId,
    ports::{ResolveError, TenantName, TenantResolver as _},
    tenant::PlacementMode,
};
use ouvira_tenancy::{GRACE, TenancyError, TenantRecord, Tenants};

use crate::support::{Platform, column, job, notes, write_note};

/// Whatever the database still has of the tenant, by table.
async fn left(platform: &Platform, tenant: TenantId) -> Vec<String> {
    let mut owner = platform.connection("owner", None).await;
    owner.batch_execute("SET app.maintenance = on").await.unwrap();
    let tables = "SELECT a.attrelid::regclass::text FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                   WHERE a.attname = 'tenant_id' AND c.relkind = 'r' \
                     AND c.relnamespace IN ('ouvira_shared'::regnamespace, 'ouvira_core'::regnamespace)";
    let mut left = Vec::new();
    for table in column(&mut owner, tables).await.unwrap() {
        let rows = format!("SELECT count(*) FROM {table} WHERE tenant_id = '{tenant}'");
        if column(&mut owner, &rows).await.unwrap() != ["0"] {
            left.push(table);
        }
    }
    let hex = tenant.0.simple();
    let places = format!(
        "SELECT nspname FROM pg_namespace WHERE nspname = 't_{hex}' \
         UNION ALL SELECT datname FROM pg_database WHERE datname = 'ouvira_t_{hex}'"
    );
    left.extend(column(&mut owner, &places).await.unwrap());
    left
}

/// A tenant with a note, deleted.
async fn deleted(platform: &Platform, slug: &str, mode: PlacementMode) -> TenantRecord {
    let tenant = platform.tenant(&format!("{slug}-{}", mode.as_str()), mode).await;
    write_note(&platform.db(), &platform.open(tenant.slug.as_str()).await, "mine").await.unwrap();
    platform.tenants.delete(&platform.ctx(), tenant.id, None).await.unwrap()
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_when_its_time_is_over_and_leaves_the_others_alone() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let other = platform.tenant(&format!("other-{}", mode.as_str()), mode).await;
        let (db, ctx) = (platform.db(), platform.open(other.slug.as_str()).await);
        write_note(&db, &ctx, "theirs").await.unwrap();
        let tenant = deleted(&platform, "acme", mode).await;
        let (warm, before) = (platform.db(), platform.open(tenant.slug.as_str()).await);
        assert!(notes(&warm, &before).await.is_err(), "{mode:?}: nobody is let in");
        platform.tenants.purge_due(&platform.ctx()).await.unwrap();
        assert!(!left(&platform, tenant.id).await.is_empty(), "{mode:?}: it may still be resumed");

        platform.clock.advance(GRACE + Duration::seconds(1));
        assert_eq!(platform.tenants.purge_due(&platform.ctx()).await.unwrap(), 1);
        assert_eq!(left(&platform, tenant.id).await, [""; 0], "{mode:?}");
        // A node that still remembers it is told, in every placement, and does not wait for a database that is gone.
        let remembered = notes(&warm, &before).await;
        assert!(matches!(remembered, Err(DbError::Refused(Refusal::PlacementChanged))), "{remembered:?}");
        let resumed = platform.tenants.resume(&platform.ctx(), tenant.id).await;
        assert!(matches!(resumed, Err(TenancyError::NotFound)), "{resumed:?}");
        let known = platform.directory().resolve(TenantName::Id(tenant.id)).await;
        assert_eq!(known.unwrap_err(), ResolveError::NotFound);
        assert_eq!(notes(&db, &ctx).await.unwrap(), ["theirs"]);

        // The slug is free again, for a tenant that has nothing of the former one.
        let again = platform.tenant(tenant.slug.as_str(), mode).await;
        assert_ne!(again.id, tenant.id);
        let named = platform.directory().resolve(TenantName::Slug(again.slug.as_str())).await.unwrap();
        assert_eq!(notes(&platform.db(), &job(named)).await.unwrap(), [""; 0]);
    }
    let mut control = platform.connection("control", None).await;
    let keys = "SELECT count(data_key) FROM ouvira_catalog.tenants WHERE state = 'purged'";
    assert_eq!(column(&mut control, keys).await.unwrap(), ["0"]);
    let logged = "SELECT count(*) FROM ouvira_catalog.operator_log WHERE action = 'tenant.purged'";
    assert_eq!(column(&mut control, logged).await.unwrap(), ["3"]);
}

#[tokio::test]
async fn only_what_was_deleted_is_erased_and_only_by_the_owner() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let refused = platform.tenants.purge(&platform.ctx(), tenant.id).await;
    assert!(matches!(refused, Err(TenancyError::WrongState("active"))), "{refused:?}");
    platform.tenants.delete(&platform.ctx(), tenant.id, None).await.unwrap();
    let mut deps = platform.deps();
    deps.placements = None;
    let serving = Tenants::new(deps);
    let refused = serving.purge(&platform.ctx(), tenant.id).await;
    assert!(matches!(refused, Err(TenancyError::NotTheOwner)), "{refused:?}");
    assert_eq!(serving.purge_due(&platform.ctx()).await.unwrap(), 0);
    platform.tenants.resume(&platform.ctx(), tenant.id).await.unwrap();
    platform.tenants.delete(&platform.ctx(), tenant.id, None).await.unwrap();
    platform.tenants.purge(&platform.ctx(), tenant.id).await.unwrap();
    assert_eq!(left(&platform, tenant.id).await, [""; 0]);
}

#[tokio::test]
async fn what_was_interrupted_is_completed_and_cannot_be_resumed() {
    let platform = Platform::new().await;
    for mode in PlacementMode::ALL {
        let tenant = deleted(&platform, "acme", mode).await;
        // As far as a call got that ended when the tables were gone.
        platform
            .connection("control", tenant.placement.database.as_deref())
            .await
            .batch_execute(&format!(
                "SELECT ouvira_core.set_tenant_state('{}', '{{deleting}}', 'moved')",
                tenant.id
            ))
            .await
            .unwrap();
        let hex = tenant.id.0.simple();
        let gone = match mode {
            PlacementMode::Shared => "SET app.maintenance = on; DELETE FROM ouvira_shared.notes".to_owned(),
            PlacementMode::Schema => format!("DROP SCHEMA t_{hex} CASCADE"),
            PlacementMode::Database => format!("DROP DATABASE ouvira_t_{hex} WITH (FORCE)"),
        };
        let mut owner = platform.connection("owner", None).await;
        owner.batch_execute(&gone).await.unwrap();

        assert!(platform.tenants.resume(&platform.ctx(), tenant.id).await.is_err());
        platform.tenants.purge(&platform.ctx(), tenant.id).await.unwrap();
        assert_eq!(left(&platform, tenant.id).await, [""; 0], "{mode:?}");
    }
}

#[tokio::test]
async fn resumed_or_erased_at_the_same_moment_it_is_one_of_the_two() {
    let platform = Platform::new().await;
    for round in 0..6 {
        let mode = PlacementMode::ALL[round % 3];
        let tenant = deleted(&platform, &format!("acme-{round}"), mode).await;
        let ctx = platform.ctx();
        let (resumed, purged) =
            tokio::join!(platform.tenants.resume(&ctx, tenant.id), platform.tenants.purge(&ctx, tenant.id));
        assert_ne!(resumed.is_ok(), purged.is_ok(), "{mode:?}: {resumed:?} {purged:?}");
        if purged.is_ok() {
            assert_eq!(left(&platform, tenant.id).await, [""; 0], "{mode:?}");
            continue;
        }
        let resumed = platform.directory().resolve(TenantName::Id(tenant.id)).await.unwrap();
        assert_eq!(notes(&platform.db(), &job(resumed)).await.unwrap(), ["mine"], "{mode:?}");
        platform.tenants.delete(&platform.ctx(), tenant.id, None).await.unwrap();
        platform.tenants.purge(&platform.ctx(), tenant.id).await.unwrap();
    }
}
