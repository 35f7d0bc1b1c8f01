//! Which role may serve.

use diesel_async::SimpleAsyncConnection as _;
use ouvira_common::{db::connect, testing::TestServer};
use ouvira_tenancy::audit_serving_role;

use crate::support::Platform;

#[tokio::test]
async fn the_serving_role_may_serve_and_no_other() {
    let platform = Platform::new().await;
    let faults = |role: &'static str| {
        let platform = &platform;
        async move { audit_serving_role(&mut platform.connection(role, None).await).await.unwrap() }
    };
    assert_eq!(faults("app").await, [""; 0]);

    let owner = faults("owner").await;
    assert!(owner.contains(&"ouvira_owner may make databases".to_owned()), "{owner:?}");
    assert!(owner.contains(&"ouvira_owner owns the schema ouvira_core".to_owned()), "{owner:?}");
    assert!(owner.iter().any(|fault| fault.contains("owns the table ouvira_catalog.")), "{owner:?}");

    let control = faults("control").await;
    assert!(control.contains(&"it may read the table ouvira_catalog.operators".to_owned()), "{control:?}");
    let worker = faults("worker").await;
    assert!(worker.contains(&"it may read the table ouvira_core.outbox".to_owned()), "{worker:?}");
}

#[tokio::test]
async fn a_table_or_a_schema_given_to_the_serving_role_is_noticed() {
    let platform = Platform::new().await;
    let mut owner = platform.connection("owner", None).await;
    owner.batch_execute("GRANT CREATE ON SCHEMA ouvira_shared TO ouvira_app").await.unwrap();
    let mut app = connect(&platform.endpoint("app"), None).await.unwrap();
    app.batch_execute("CREATE TABLE ouvira_shared.mine (id int)").await.unwrap();
    let faults = audit_serving_role(&mut app).await.unwrap();
    assert!(faults.contains(&"ouvira_app owns the table ouvira_shared.mine".to_owned()), "{faults:?}");
    assert!(faults.contains(&"it may make objects in the schema ouvira_shared".to_owned()), "{faults:?}");
    let _ = TestServer::get();
}
