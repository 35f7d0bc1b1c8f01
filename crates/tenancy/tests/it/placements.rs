//! Preparing a deployment and making placements.

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{rls, tenant::PlacementMode, time::Clock as _};
use ouvira_tenancy::schema_name;

use crate::support::{NOTES, Platform, column};

#[tokio::test]
async fn preparing_twice_does_nothing_the_second_time() {
    let platform = Platform::new().await;
    let prepared = platform.placements.prepare(platform.clock.now()).await.unwrap();
    assert_eq!(prepared, ouvira_tenancy::Prepared::default());
}

#[tokio::test]
async fn every_placement_is_walled_off() {
    let platform = Platform::new().await;
    let mut owner = platform.connection("owner", None).await;
    assert!(rls::check(&mut owner, "ouvira_shared", None).await.unwrap().is_empty());
    for mode in [PlacementMode::Schema, PlacementMode::Database] {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let mut owner = platform.connection("owner", tenant.placement.database.as_deref()).await;
        let faults = rls::check(&mut owner, &schema_name(mode, tenant.id), Some(tenant.id)).await.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
    }
}

#[tokio::test]
async fn making_a_placement_again_completes_it() {
    let platform = Platform::new().await;
    for mode in [PlacementMode::Schema, PlacementMode::Database] {
        let tenant = platform.tenant(&format!("acme-{}", mode.as_str()), mode).await;
        let schema = schema_name(mode, tenant.id);
        let mut owner = platform.connection("owner", tenant.placement.database.as_deref()).await;
        let undo = format!("DROP TABLE {schema}.notes; DELETE FROM {schema}.schema_migrations");
        owner.batch_execute(&undo).await.unwrap();
        platform.placements.make(tenant.id, mode).await.unwrap();
        let ledger =
            column(&mut owner, &format!("SELECT version FROM {schema}.schema_migrations")).await.unwrap();
        assert_eq!(ledger, [NOTES.version]);
    }
}
