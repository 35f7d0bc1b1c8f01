use std::{sync::Arc, time::Duration};

use ouvira_audit::{
    AuditError,
    merkle::{verify_consistency, verify_inclusion},
    seal::{Provable, Sealed, Sealer},
};
use ouvira_common::{
    context::RequestContext,
    db::DbError,
    ports::{Activity, AuditSink as _, Outcome, SecurityEvent},
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::{fakes::DenyAll, within},
};
use serde_json::json;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::support::{House, any_id, first};

/// `count` things and as many security events, in one transaction; answers the ids of the things.
pub(crate) async fn write(house: &House, ctx: &RequestContext, count: usize) -> Vec<Uuid> {
    let things: Vec<Uuid> = (0..count).map(|_| any_id()).collect();
    house
        .in_transaction(ctx, |tx| {
            for thing in &things {
                house.recorder.record(tx, Activity::new("thing.made", "thing", *thing).label("Ada"));
                let details = json!({"thing": thing});
                let event = SecurityEvent { event: "x", outcome: Outcome::Success, user: None, details };
                house.recorder.security(tx, event);
            }
        })
        .await;
    things
}

/// Seals until no other test's transaction keeps rows of this tenant waiting.
pub(crate) async fn seal(house: &House, size: u64) -> Sealed {
    let sealer = Sealer::new(house.tenant.db());
    let whole = within(Duration::from_secs(10), async || {
        sealer.seal(&house.tenant.job()).await.expect("it seals").filter(|sealed| sealed.head.size >= size)
    });
    whole.await.unwrap_or_else(|| panic!("{size} rows were not sealed"))
}

async fn ids(house: &House) -> Vec<Uuid> {
    let select = format!(
        "SELECT id FROM activity_log WHERE tenant_id = '{}' AND object_kind = 'thing' ORDER BY txid, id",
        house.tenant.tenant().id
    );
    let rows = house.tenant.owner_rows(&select).await;
    rows.iter().map(|row| row["id"].as_str().unwrap_or("").parse().expect("an id")).collect()
}

#[tokio::test]
async fn every_row_becomes_one_leaf_and_can_be_proven_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.tenant.context(&house.tenant.user().await);
        let nothing = Sealer::new(house.tenant.db()).seal(&house.tenant.job()).await.unwrap().unwrap();
        assert_eq!((nothing.head.size, nothing.rows), (0, 0));
        write(&house, &ctx, 3).await;
        let small = seal(&house, 6).await;
        assert_eq!((small.head.size, small.rows, small.witnessed), (6, 6, false));
        assert_eq!(small.oldest, Some(ctx.now()));
        write(&house, &ctx, 200).await;
        let large = seal(&house, 406).await;
        let again = seal(&house, 406).await;
        assert_eq!((again.head, again.rows), (large.head, 0));

        let audit = house.audit();
        for id in ids(&house).await.into_iter().step_by(20) {
            let Provable::Now(proof) = audit.prove_activity(&ctx, id).await.unwrap() else {
                panic!("it is sealed")
            };
            assert_eq!(proof.checkpoint.head, large.head);
            assert_eq!(proof.leaf.row, id);
            let (leaf, head) = (proof.leaf.hash(), large.head);
            assert!(verify_inclusion(&leaf, proof.leaf.position, head.size, &proof.path, &head.root));
        }
        let proof = audit.prove_consistency(&ctx, 6, 406).await.unwrap();
        assert_eq!((proof.from, proof.to), (small.head, large.head));
        assert!(verify_consistency(6, 406, &small.head.root, &large.head.root, &proof.path));
        let sizes: Vec<u64> = audit
            .list_checkpoints(&ctx, &first(10))
            .await
            .unwrap()
            .items
            .iter()
            .map(|it| it.head.size)
            .collect();
        assert_eq!(sizes, [406, 6]);
    }
}

#[tokio::test]
async fn a_row_of_a_transaction_that_commits_late_is_sealed_too() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let (begun, finish) = (Notify::new(), Notify::new());
    let (db, job) = (house.tenant.another_db(1), house.tenant.job());
    let slow = async {
        let written: Result<(), DbError> = db
            .write(&job, async |tx| {
                tx.raise_rights_epoch().await?;
                house.recorder.record(tx, Activity::new("thing.late", "thing", Uuid::nil()));
                begun.notify_one();
                finish.notified().await;
                Ok(())
            })
            .await;
        written.expect("it commits in the end");
    };
    let others = async {
        begun.notified().await;
        write(&house, &ctx, 2).await;
        let sealed = Sealer::new(house.tenant.db()).seal(&house.tenant.job()).await.expect("it seals");
        let sealed = sealed.expect("nobody else is at it");
        assert_eq!(
            (sealed.head.size, sealed.pending.is_some()),
            (0, true),
            "nothing past a transaction that still runs"
        );
        finish.notify_one();
    };
    futures_util::join!(slow, others);
    assert_eq!(seal(&house, 5).await.head.size, 5);
}

#[tokio::test]
async fn sealers_at_once_make_one_tree() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    write(&house, &ctx, 50).await;
    let sealer = Sealer::new(house.tenant.db());
    let job = house.tenant.job();
    let at_once = futures_util::future::join_all((0..6).map(|_| sealer.seal(&job))).await;
    assert!(at_once.iter().all(Result::is_ok));
    assert_eq!(seal(&house, 100).await.head.size, 100);
}

#[tokio::test]
async fn proofs_are_for_who_may_read_and_of_what_is_sealed() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    write(&house, &ctx, 1).await;
    let id = ids(&house).await[0];
    let waiting = house.audit().prove_activity(&ctx, id).await.unwrap();
    assert!(matches!(waiting, Provable::By(at) if at > ctx.now()));
    seal(&house, 2).await;

    let mine = house.audit_with(Arc::new(DenyAll));
    assert!(matches!(mine.prove_activity(&ctx, id).await, Ok(Provable::Now(_))), "one's own");
    let other = house.tenant.context(&house.tenant.user().await);
    assert!(matches!(mine.prove_activity(&other, id).await, Err(AuditError::NotFound)));
    assert!(matches!(house.audit().prove_activity(&ctx, any_id()).await, Err(AuditError::NotFound)));
    assert_eq!(mine.list_checkpoints(&ctx, &first(1)).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(mine.prove_consistency(&ctx, 1, 2).await.unwrap_err().code(), Code::PermissionDenied);
    for (from, to) in [(0, 2), (2, 1), (1, 3)] {
        let refused = house.audit().prove_consistency(&ctx, from, to).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidParameter, "{from} to {to}");
    }
}
