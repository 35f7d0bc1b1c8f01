//! What a row must keep for ever, looked at from behind the curtain.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Bytea, Jsonb, Uuid as SqlUuid},
};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use ouvira_audit::{
    ActivityFilter,
    fingerprint::{Document as _, personal_hash},
};
use ouvira_common::{
    ports::{Activity, Changes},
    tenant::PlacementMode,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{House, any_id, first};

#[derive(QueryableByName)]
struct Stored {
    #[diesel(sql_type = Jsonb)]
    personal: Value,
    #[diesel(sql_type = Bytea)]
    salt: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    public_hash: Vec<u8>,
    #[diesel(sql_type = Bytea)]
    personal_hash: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    txid: i64,
}

async fn stored(house: &House, id: Uuid) -> Stored {
    let mut owner = house.tenant.connection("owner").await;
    owner.batch_execute("SET app.maintenance TO 'on'").await.unwrap();
    let schema = house.tenant.schema();
    sql_query(format!(
        "SELECT personal, salt, public_hash, personal_hash, txid FROM {schema}.activity_log WHERE id = $1"
    ))
    .bind::<SqlUuid, _>(id)
    .get_result(&mut owner)
    .await
    .unwrap()
}

#[tokio::test]
async fn both_hashes_can_be_made_again_from_what_is_stored() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.tenant.context(&house.tenant.user().await);
        let odd = json!({"big": 9_007_199_254_740_993_u64, "float": 1e300, "nul": "a\0b", "ключ": [null, -0.0, 1.50]});
        let changes =
            Changes::new().public("odd", None, Some(odd.clone())).personal("odd_too", None, Some(odd));
        house.record(&ctx, Activity::new("thing.changed", "thing", any_id()).changes(changes)).await;

        let found = house.audit().list_activity(&ctx, &ActivityFilter::default(), &first(1)).await.unwrap();
        let entry = &found.items[0].entry;
        let stored = stored(&house, entry.head.id).await;
        assert_eq!(stored.public_hash, entry.public_hash());
        assert_eq!(stored.personal_hash, personal_hash(&stored.salt, &stored.personal));
        assert!(stored.txid > 0);
    }
}

#[tokio::test]
async fn erasing_the_personal_part_leaves_the_rest_readable_and_provable() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let changes = Changes::new().personal("email", None, Some("ada@example.com"));
    house.record(&ctx, Activity::new("user.created", "user", any_id()).label("Ada").changes(changes)).await;
    house.tenant.owner_sql("UPDATE activity_log SET personal = NULL, salt = NULL").await;

    let found = house.audit().list_activity(&ctx, &ActivityFilter::default(), &first(1)).await.unwrap();
    let record = &found.items[0];
    assert_eq!(record.personal, None);
    assert!(record.changes()["email"].redacted);
    assert!(record.changes()["email"].values.to.is_null());
}
