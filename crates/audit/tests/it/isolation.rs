use diesel_async::SimpleAsyncConnection as _;
use ouvira_audit::{ActivityFilter, SecurityFilter};
use ouvira_common::{
    db::DbError,
    ports::{Activity, AuditSink as _, Notice, Notifier as _, Outcome, SecurityEvent},
    tenant::PlacementMode,
};
use serde_json::json;

use crate::support::{House, any_id, first};

#[tokio::test]
async fn a_tenant_sees_nothing_of_another_in_any_placement() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) = (House::new(mode).await, House::new(mode).await);
        let them = theirs.tenant.user().await;
        theirs
            .in_transaction(&theirs.tenant.context(&them), |tx| {
                theirs.recorder.record(tx, Activity::new("company.created", "company", any_id()));
                theirs.recorder.notify(tx, Notice { user: them.id, kind: "x", data: json!({}) });
                theirs.recorder.security(
                    tx,
                    SecurityEvent {
                        event: "x",
                        outcome: Outcome::Success,
                        user: Some(them.id),
                        details: json!({}),
                    },
                );
            })
            .await;
        // The same user id at our tenant: what is theirs there must not be found here.
        let ctx = ours.tenant.context(&ours.tenant.session_of(them.id).await);
        let audit = ours.audit();
        assert!(audit.list_own_activity(&ctx, &first(10)).await.unwrap().items.is_empty());
        assert!(
            audit
                .list_own_security(&ctx, SecurityFilter::default(), &first(10))
                .await
                .unwrap()
                .items
                .is_empty()
        );
        assert!(
            audit.list_security(&ctx, &SecurityFilter::default(), &first(10)).await.unwrap().items.is_empty()
        );
        assert!(audit.list_notifications(&ctx, None, &first(10)).await.unwrap().items.is_empty());
        assert_eq!(audit.count_unread(&ctx).await.unwrap(), 0);
        let found = audit.list_activity(&ctx, &ActivityFilter::default(), &first(10)).await.unwrap();
        assert!(found.items.iter().all(|record| record.entry.action == "security_log.read"));
    }
}

#[tokio::test]
async fn who_serves_cannot_change_or_remove_a_log_row() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.tenant.context(&house.tenant.user().await);
        house.record(&ctx, Activity::new("company.created", "company", any_id())).await;
        for sql in [
            "UPDATE activity_log SET action = 'x'",
            "UPDATE activity_log SET personal = NULL, salt = NULL",
            "DELETE FROM activity_log",
            "TRUNCATE activity_log",
            "UPDATE security_log SET event = 'x'",
            "DELETE FROM security_log",
            "UPDATE notifications SET data = '{}'",
            "DELETE FROM notifications",
        ] {
            let outcome: Result<(), DbError> =
                house.tenant.db().write(&ctx, async |tx| Ok(tx.batch_execute(sql).await?)).await;
            let error = outcome.expect_err(sql).to_string();
            assert!(error.contains("permission denied"), "{sql}: {error}");
        }
    }
}
