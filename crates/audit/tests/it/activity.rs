use std::sync::Arc;

use chrono::Duration;
use ouvira_audit::{ActivityFilter, AuditError, permission::AUDIT_READ};
use ouvira_common::{
    id::CompanyId,
    page::PageRequest,
    permission::Scope,
    ports::{Activity, Changes},
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::fakes::{AllowAll, DenyAll, FixedRights},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{House, any_id, first};

fn founded(company: Uuid) -> Activity {
    Activity::new("company.created", "company", company).company(CompanyId(company)).label("Ada & Söhne")
}

#[tokio::test]
async fn what_was_recorded_is_read_back_whole_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.tenant.context(&house.tenant.user().await);
        let company = any_id();
        let changes = Changes::new()
            .public("status", Some("active"), Some("archived"))
            .public("same", Some(1), Some(1))
            .personal("email", Some("a@example.com"), Some("b@example.com"))
            .secret("password");
        house.record(&ctx, founded(company).changes(changes)).await;

        let page = house.audit().list_activity(&ctx, &ActivityFilter::default(), &first(10)).await.unwrap();
        let [record] = &page.items[..] else { panic!("one row in {mode:?}") };
        assert_eq!(record.entry.action, "company.created");
        assert_eq!((record.entry.object_kind.as_str(), record.entry.object_id), ("company", company));
        assert_eq!(record.entry.company, Some(CompanyId(company)));
        assert_eq!(record.entry.head.actor, ctx.principal());
        assert_eq!(record.entry.head.via, None);
        assert_eq!(record.entry.head.at, ctx.now());
        assert_eq!(record.entry.head.request_id, ctx.origin().request_id);
        let personal = record.personal.as_ref().unwrap();
        assert_eq!(personal.object_label.as_deref(), Some("Ada & Söhne"));
        assert_eq!(personal.ip.as_deref(), Some("192.0.2.7"));
        assert_eq!(personal.user_agent.as_deref(), Some("tests"));
        let shown = record.changes();
        assert_eq!(shown.keys().collect::<Vec<_>>(), ["email", "password", "status"]);
        assert_eq!(
            (&shown["status"].values.from, &shown["status"].values.to),
            (&json!("active"), &json!("archived"))
        );
        assert_eq!(shown["email"].values.to, json!("b@example.com"));
        assert!(shown["password"].redacted && shown["password"].values.to.is_null());
    }
}

#[tokio::test]
async fn filters_narrow_and_pages_follow_each_other_newest_first() {
    let house = House::new(PlacementMode::Shared).await;
    let (ada, bob) = (house.tenant.user().await, house.tenant.user().await);
    let audit = house.audit();
    let companies = [any_id(), any_id()];
    let begun = house.tenant.now();
    for index in 0..10 {
        house.tenant.clock().advance(Duration::seconds(1));
        let ctx = house.tenant.context(if index % 2 == 0 { &ada } else { &bob });
        let action = if index < 5 { "company.created" } else { "company.updated" };
        let company = companies[index % 2];
        house.record(&ctx, Activity::new(action, "company", company).company(CompanyId(company))).await;
    }
    let ctx = house.tenant.context(&ada);
    let all = ActivityFilter { object_kind: Some("company".to_owned()), ..ActivityFilter::default() };

    let mut seen = Vec::new();
    let mut page = PageRequest { count: true, ..first(3) };
    loop {
        let found = audit.list_activity(&ctx, &all, &page).await.unwrap();
        assert_eq!(found.total, Some(10));
        seen.extend(found.items.iter().map(|record| record.entry.head.at));
        page.after = found.next;
        if page.after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 10);
    assert!(seen.is_sorted_by(|newer, older| newer > older));

    for (filter, expected) in [
        (ActivityFilter { actor_id: Some(ada.id.0), ..all.clone() }, 5),
        (ActivityFilter { actor_id: Some(any_id()), ..all.clone() }, 0),
        (ActivityFilter { action: Some("company.updated".to_owned()), ..all.clone() }, 5),
        (ActivityFilter { object_id: Some(companies[1]), ..all.clone() }, 5),
        (ActivityFilter { company: Some(CompanyId(companies[0])), ..all.clone() }, 5),
        (ActivityFilter { from: Some(begun + Duration::seconds(3)), ..all.clone() }, 8),
        (ActivityFilter { to: Some(begun + Duration::seconds(3)), ..all.clone() }, 2),
        (
            ActivityFilter {
                from: Some(begun + Duration::seconds(2)),
                to: Some(begun + Duration::seconds(4)),
                actor_id: Some(bob.id.0),
                ..all.clone()
            },
            1,
        ),
    ] {
        let found = audit.list_activity(&ctx, &filter, &first(100)).await.unwrap();
        assert_eq!(found.items.len(), expected, "{filter:?}");
    }

    let backwards = ActivityFilter { from: Some(begun), to: Some(begun), ..all };
    let refused = audit.list_activity(&ctx, &backwards, &first(1)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidParameter);
    let foreign = PageRequest { after: Some(json!({"name": "x"})), ..first(1) };
    let refused = audit.list_activity(&ctx, &ActivityFilter::default(), &foreign).await.unwrap_err();
    assert!(matches!(refused, AuditError::Cursor(_)));
}

#[tokio::test]
async fn who_may_look_into_one_company_sees_that_one_and_who_may_nowhere_is_refused() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let (mine, other) = (any_id(), any_id());
    house.record(&ctx, founded(mine)).await;
    house.record(&ctx, founded(other)).await;
    house.record(&ctx, Activity::new("user.updated", "user", any_id())).await;

    let rights = Arc::new(FixedRights::of([(AUDIT_READ, Scope::Company(CompanyId(mine)))]));
    let analyst = house.audit_with(rights);
    let found = analyst.list_activity(&ctx, &ActivityFilter::default(), &first(10)).await.unwrap();
    assert_eq!(found.items.iter().map(|record| record.entry.object_id).collect::<Vec<_>>(), [mine]);
    let filter = ActivityFilter { company: Some(CompanyId(other)), ..ActivityFilter::default() };
    assert!(analyst.list_activity(&ctx, &filter, &first(10)).await.unwrap().items.is_empty());

    let nobody = house.audit_with(Arc::new(DenyAll));
    let refused = nobody.list_activity(&ctx, &ActivityFilter::default(), &first(10)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn reading_the_log_is_itself_in_the_log() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let filter = ActivityFilter { action: Some("company.created".to_owned()), ..ActivityFilter::default() };
    house.audit().list_activity(&ctx, &filter, &first(10)).await.unwrap();

    let found = house.audit().list_activity(&ctx, &ActivityFilter::default(), &first(10)).await.unwrap();
    assert_eq!(found.items[0].entry.action, "activity_log.read");
    assert_eq!(found.items[0].changes()["filter"].values.to["action"], json!("company.created"));
}

#[tokio::test]
async fn ones_own_activity_needs_no_permission_and_has_nobody_elses() {
    let house = House::new(PlacementMode::Shared).await;
    let (ada, bob) = (house.tenant.user().await, house.tenant.user().await);
    house.record(&house.tenant.context(&ada), founded(any_id())).await;
    house.record(&house.tenant.context(&bob), founded(any_id())).await;

    let audit = house.audit_with(Arc::new(DenyAll));
    let found = audit.list_own_activity(&house.tenant.context(&ada), &first(10)).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].entry.head.actor.id, ada.id.0);
    let refused = audit.list_own_activity(&house.tenant.job(), &first(10)).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn recording_costs_no_round_trip() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    let (db, wire) = house.tenant.counted_db();
    let audit = house.audit_over(db, Arc::new(AllowAll));
    let filter = ActivityFilter::default();
    for _ in 0..2 {
        audit.list_activity(&ctx, &filter, &first(10)).await.unwrap();
        audit.list_own_activity(&ctx, &first(10)).await.unwrap();
    }
    let before = wire.flights();
    audit.list_activity(&ctx, &filter, &first(10)).await.unwrap();
    assert_eq!(wire.flights() - before, 3, "gate and query, the deferred row, COMMIT");
    let before = wire.flights();
    audit.list_own_activity(&ctx, &first(10)).await.unwrap();
    assert_eq!(wire.flights() - before, 1);
}
