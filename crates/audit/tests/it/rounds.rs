//! What a round costs where most tenants have nothing new.

use std::collections::HashSet;

use diesel_async::SimpleAsyncConnection as _;
use ouvira_audit::seal::Discovery;
use ouvira_common::{id::TenantId, tenant::PlacementMode};
use uuid::Uuid;

use crate::support::House;

/// The n-th of many tenants.
fn tenant(n: u32) -> TenantId {
    TenantId(Uuid::from_u128(0x01a0_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)))
}

/// In a database of its own, in which nobody else's test writes, ten of ten thousand tenants have new rows: those are found and
/// no other, by statements that do not depend on how many tenants there are.
#[tokio::test]
async fn only_tenants_with_new_rows_are_found() {
    let house = House::new(PlacementMode::Database).await;
    let mut owner = house.tenant.connection("owner").await;
    let first = tenant(0);
    owner
        .batch_execute(&format!(
            "BEGIN; SET LOCAL app.maintenance TO 'on'; \
             ALTER TABLE ouvira_shared.activity_log DROP CONSTRAINT of_one_tenant; \
             INSERT INTO ouvira_core.gate_tenants (tenant_id, state, schema_name) \
             SELECT (left('{first}', 24) || lpad(to_hex(n), 12, '0'))::uuid, 'active', 'ouvira_shared' \
               FROM generate_series(1, 10000) n; COMMIT"
        ))
        .await
        .unwrap();
    let mut discovery = Discovery::new();
    let all = discovery.look(&mut owner).await.unwrap();
    assert!(all.len() >= 10_000, "who begins looks at everybody once: {}", all.len());

    let written: HashSet<TenantId> = (1..=10).map(|n| tenant(n * 1000)).collect();
    for tenant in &written {
        let row = format!(
            "BEGIN; SET LOCAL app.maintenance TO 'on'; \
             INSERT INTO ouvira_shared.activity_log (tenant_id, id, at, retention_days, actor_kind, actor_id, action, \
                 object_kind, object_id, changes, request_id, public_hash, personal_hash) \
             SELECT '{tenant}', gen_random_uuid(), now(), 365, 'system', '{tenant}', 'thing.made', 'thing', '{tenant}', \
                    '{{}}', '', sha256('a'), sha256('b'); COMMIT"
        );
        owner.batch_execute(&row).await.unwrap();
    }
    let found = discovery.look(&mut owner).await.unwrap();
    let ours: HashSet<TenantId> =
        found.into_iter().filter(|found| (1..=10_000).any(|n| tenant(n) == *found)).collect();
    assert_eq!(ours, written);
}
