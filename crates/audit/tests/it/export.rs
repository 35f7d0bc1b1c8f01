use std::{collections::HashSet, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_audit::{ActivityFilter, ExportFormat, canonical::canonical, fingerprint::personal_hash};
use ouvira_common::{
    context::RequestContext,
    db::DbError,
    ports::{Activity, AuditSink as _, Changes},
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::fakes::DenyAll,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{House, any_id, first};

async fn exported(house: &House, ctx: &RequestContext, format: ExportFormat) -> Vec<String> {
    let filter = ActivityFilter { object_kind: Some("thing".to_owned()), ..ActivityFilter::default() };
    let mut export = house.audit().export_activity(ctx, filter, format).await.expect("it begins");
    let mut pieces = Vec::new();
    while let Some(piece) = export.next().await.expect("it goes on") {
        pieces.push(piece);
    }
    pieces
}

async fn many_things(house: &House, ctx: &RequestContext, count: usize) {
    house
        .in_transaction(ctx, |tx| {
            for _ in 0..count {
                let changes = Changes::new().personal("email", None, Some("=1+1"));
                house.recorder.record(
                    tx,
                    Activity::new("thing.made", "thing", any_id()).label("=1+1").changes(changes),
                );
            }
        })
        .await;
}

#[tokio::test]
async fn every_row_is_exported_once_in_pieces_of_bounded_size() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.tenant.context(&house.tenant.user().await);
        many_things(&house, &ctx, 1200).await;

        let csv = exported(&house, &ctx, ExportFormat::Csv).await;
        assert!(csv.len() > 3, "the header and three batches");
        let text = csv.concat();
        assert_eq!(text.lines().count(), 1201);
        assert!(text.starts_with("id,at,actor_type,"));
        assert!(!text.contains(",=1") && text.contains(",\"'=1+1\","), "no cell is a formula");

        let lines = exported(&house, &ctx, ExportFormat::JsonLines).await.concat();
        let ids: HashSet<String> = lines
            .lines()
            .filter_map(|line| Some(serde_json::from_str::<Value>(line).unwrap()["id"].as_str()?.to_owned()))
            .collect();
        assert_eq!(ids.len(), 1200);
    }
}

#[tokio::test]
async fn a_line_can_be_hashed_again_by_whoever_has_it() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    many_things(&house, &ctx, 1).await;
    let stored = house
        .tenant
        .owner_rows(
            "SELECT encode(public_hash, 'base64') AS hash FROM activity_log WHERE object_kind = 'thing'",
        )
        .await;

    let line = exported(&house, &ctx, ExportFormat::JsonLines).await.concat();
    let mut line: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
    let mut taken = |member: &str| line.as_object_mut().unwrap().remove(member).unwrap();
    let (personal, salt, hash) = (taken("personal"), taken("salt"), taken("personal_hash"));
    assert_eq!(taken("seal"), Value::Null, "nothing was sealed yet");
    let salt = STANDARD.decode(salt.as_str().unwrap()).unwrap();
    assert_eq!(STANDARD.encode(personal_hash(&salt, &personal)), hash.as_str().unwrap());
    let public = Sha256::digest(canonical(&line));
    assert!(stored.iter().any(|row| row["hash"] == STANDARD.encode(public)));
}

#[tokio::test]
async fn an_export_is_logged_refused_without_the_right_and_ends_with_the_session() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    let ctx = house.tenant.context(&user);
    many_things(&house, &ctx, 600).await;
    exported(&house, &ctx, ExportFormat::Csv).await;
    let found = house.audit().list_activity(&ctx, &ActivityFilter::default(), &first(1)).await.unwrap();
    assert_eq!(found.items[0].entry.action, "activity_log.exported");
    assert_eq!(found.items[0].changes()["format"].values.to, "csv");

    let nobody = house.audit_with(Arc::new(DenyAll));
    let refused =
        nobody.export_activity(&ctx, ActivityFilter::default(), ExportFormat::Csv).await.err().unwrap();
    assert_eq!(refused.code(), Code::PermissionDenied);

    let mut export = house
        .audit()
        .export_activity(&ctx, ActivityFilter::default(), ExportFormat::JsonLines)
        .await
        .unwrap();
    assert!(export.next().await.unwrap().is_some());
    let ended: Result<(), DbError> = house
        .tenant
        .db()
        .write(&house.tenant.job(), async |tx| {
            tx.end_session(user.session);
            Ok(())
        })
        .await;
    ended.unwrap();
    assert_eq!(export.next().await.unwrap_err().code(), Code::TokenInvalid);
}
