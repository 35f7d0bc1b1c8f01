use std::sync::Arc;

use ouvira_audit::SecurityFilter;
use ouvira_common::{
    context::RequestContext,
    id::UserId,
    ports::{AuditSink as _, Outcome, SecurityEvent},
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::fakes::DenyAll,
};
use serde_json::json;

use crate::support::{House, first};

async fn event(house: &House, ctx: &RequestContext, user: Option<UserId>) {
    let event = SecurityEvent {
        event: "login.failed",
        outcome: Outcome::Failure,
        user,
        details: json!({"reason": "password"}),
    };
    house.in_transaction(ctx, |tx| house.recorder.security(tx, event.clone())).await;
}

#[tokio::test]
async fn everybody_reads_the_events_of_their_own_account_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let (ada, bob) = (house.tenant.user().await, house.tenant.user().await);
        event(&house, &house.tenant.open(), Some(ada.id)).await;
        event(&house, &house.tenant.open(), Some(bob.id)).await;
        event(&house, &house.tenant.open(), None).await;

        let audit = house.audit_with(Arc::new(DenyAll));
        let ctx = house.tenant.context(&ada);
        let found = audit.list_own_security(&ctx, SecurityFilter::default(), &first(10)).await.unwrap();
        let [record] = &found.items[..] else { panic!("one event in {mode:?}") };
        assert_eq!((record.entry.event.as_str(), record.entry.outcome), ("login.failed", Outcome::Failure));
        assert_eq!(record.entry.user, Some(ada.id));
        assert_eq!(record.entry.details, json!({"reason": "password"}));
        assert_eq!(record.entry.head.via.as_ref().map(|via| via.kind.as_str()), Some("open"));
        assert_eq!(record.personal.as_ref().unwrap().ip.as_deref(), Some("192.0.2.7"));

        let refused = audit.list_security(&ctx, &SecurityFilter::default(), &first(10)).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        assert_eq!(
            house
                .audit()
                .list_security(&ctx, &SecurityFilter::default(), &first(2))
                .await
                .unwrap()
                .items
                .len(),
            2
        );
    }
}
