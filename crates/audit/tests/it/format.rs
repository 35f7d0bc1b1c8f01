//! What a row must keep for ever, looked at from behind the curtain.

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

/// The row behind the curtain; `bytea` as hexadecimal text.
async fn stored(house: &House, id: Uuid) -> Value {
    house.tenant.owner_rows(&format!("SELECT * FROM activity_log WHERE id = '{id}'")).await.remove(0)
}

/// How `jsonb` shows bytes.
fn hex(bytes: &[u8]) -> Value {
    bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}")).into()
}

fn bytes(shown: &Value) -> Vec<u8> {
    let digits = shown.as_str().and_then(|text| text.strip_prefix("\\x")).expect("bytes are shown so");
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("two digits");
    (0..digits.len()).step_by(2).map(byte).collect()
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
        assert_eq!(stored["public_hash"], hex(&entry.public_hash()));
        let salt = bytes(&stored["salt"]);
        assert_eq!(stored["personal_hash"], hex(&personal_hash(&salt, &stored["personal"])));
        assert!(stored["txid"].as_i64() > Some(0));
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
