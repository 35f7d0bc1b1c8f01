//! Who may see what of the catalog.

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::tenant::PlacementMode;

use crate::support::{Platform, column};

const TABLES: [&str; 7] = [
    "tenants",
    "placements",
    "tenant_domains",
    "operators",
    "operator_log",
    "operator_grants",
    "signing_keys",
];

#[tokio::test]
async fn the_serving_role_sees_the_directory_and_no_table_of_the_catalog() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let mut app = platform.connection("app", None).await;
    for table in TABLES {
        assert!(
            column(&mut app, &format!("SELECT 1 FROM ouvira_catalog.{table}")).await.is_err(),
            "{table} is open"
        );
    }
    assert_eq!(column(&mut app, "SELECT slug FROM ouvira_catalog.tenant_directory").await.unwrap(), ["acme"]);
    assert!(app.batch_execute("UPDATE ouvira_catalog.tenant_directory SET slug = 'mine'").await.is_err());
}

#[tokio::test]
async fn the_control_role_sees_no_row_of_a_tenant() {
    let platform = Platform::new().await;
    platform.tenant("acme", PlacementMode::Shared).await;
    let mut control = platform.connection("control", None).await;
    for table in TABLES {
        assert!(
            column(&mut control, &format!("SELECT 1 FROM ouvira_catalog.{table}")).await.is_ok(),
            "{table} is shut"
        );
    }
    assert!(column(&mut control, "SELECT text FROM ouvira_shared.notes").await.is_err());
    assert!(column(&mut control, "SELECT tenant_id FROM ouvira_core.gate_tenants").await.is_err());
    assert!(control.batch_execute("DELETE FROM ouvira_catalog.operator_log").await.is_err());
}

#[tokio::test]
async fn the_worker_sees_nothing_of_the_catalog() {
    let platform = Platform::new().await;
    let mut worker = platform.connection("worker", None).await;
    for table in TABLES {
        assert!(column(&mut worker, &format!("SELECT 1 FROM ouvira_catalog.{table}")).await.is_err());
    }
}

#[tokio::test]
async fn a_tenant_that_is_being_made_is_in_no_directory() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Shared).await;
    let mut control = platform.connection("control", None).await;
    control
        .batch_execute(&format!(
            "UPDATE ouvira_catalog.tenants SET state = 'provisioning' WHERE id = '{}'",
            tenant.id
        ))
        .await
        .unwrap();
    let mut app = platform.connection("app", None).await;
    assert!(column(&mut app, "SELECT slug FROM ouvira_catalog.tenant_directory").await.unwrap().is_empty());
}

#[tokio::test]
async fn nothing_is_left_to_everybody() {
    let platform = Platform::new().await;
    let tenant = platform.tenant("acme", PlacementMode::Database).await;
    let databases = [None, tenant.placement.database.as_deref()];
    for database in databases {
        let mut owner = platform.connection("owner", database).await;
        let open = column(
            &mut owner,
            "SELECT privilege_type FROM pg_database, aclexplode(datacl) WHERE datname = current_database() AND grantee = 0
             UNION ALL
             SELECT privilege_type FROM pg_namespace, aclexplode(nspacl) WHERE nspname = 'public' AND grantee = 0",
        );
        assert!(open.await.unwrap().is_empty());
    }
}
