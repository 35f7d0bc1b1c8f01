use std::sync::Arc;

use ouvira_audit::Marked;
use ouvira_common::{
    id::UserId,
    ports::{Notice, Notifier as _},
    problem::FieldCode,
    tenant::PlacementMode,
    testing::fakes::DenyAll,
};
use serde_json::json;

use crate::support::{House, any_id, first};

async fn notify(house: &House, user: UserId, company: &str) {
    let notice = Notice { user, kind: "company.joined", data: json!({"company": company}) };
    house.in_transaction(&house.tenant.job(), |tx| house.recorder.notify(tx, notice.clone())).await;
}

#[tokio::test]
async fn notices_are_listed_counted_and_marked_read_by_their_user_alone() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let (ada, bob) = (house.tenant.user().await, house.tenant.user().await);
        for company in ["A", "B", "C"] {
            notify(&house, ada.id, company).await;
        }
        notify(&house, bob.id, "D").await;
        let audit = house.audit_with(Arc::new(DenyAll));
        let (ada, bob) = (house.tenant.context(&ada), house.tenant.context(&bob));

        let found = audit.list_notifications(&ada, None, &first(10)).await.unwrap();
        let companies: Vec<_> = found.items.iter().map(|notice| notice.data["company"].clone()).collect();
        assert_eq!(companies, ["C", "B", "A"]);
        assert_eq!(audit.count_unread(&ada).await.unwrap(), 3);

        let newest = Marked::Ids(vec![found.items[0].id, any_id()]);
        assert_eq!(audit.mark_read(&bob, &newest).await.unwrap(), 0);
        assert_eq!(audit.mark_read(&ada, &newest).await.unwrap(), 1);
        assert_eq!(audit.mark_read(&ada, &newest).await.unwrap(), 0);
        assert_eq!(audit.list_notifications(&ada, Some(true), &first(10)).await.unwrap().items.len(), 2);
        let read = audit.list_notifications(&ada, Some(false), &first(10)).await.unwrap();
        assert_eq!(read.items.iter().map(|notice| notice.read_at).collect::<Vec<_>>(), [Some(ada.now())]);

        assert_eq!(audit.mark_read(&ada, &Marked::All).await.unwrap(), 2);
        assert_eq!(audit.count_unread(&ada).await.unwrap(), 0);
        assert_eq!(audit.count_unread(&bob).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn exactly_one_of_ids_and_all_says_what_is_marked() {
    let id = any_id();
    assert_eq!(Marked::parse(Some(vec![id]), None), Ok(Marked::Ids(vec![id])));
    assert_eq!(Marked::parse(None, Some(true)), Ok(Marked::All));
    for (ids, all, pointer, code) in [
        (None, None, "/ids", FieldCode::Required),
        (Some(vec![]), None, "/ids", FieldCode::Empty),
        (Some(vec![id; 101]), None, "/ids", FieldCode::TooMany),
        (Some(vec![id]), Some(true), "/all", FieldCode::Exclusive),
        (None, Some(false), "/all", FieldCode::InvalidChoice),
    ] {
        let errors = Marked::parse(ids, all).unwrap_err();
        assert_eq!((errors.0[0].pointer.as_str(), errors.0[0].code), (pointer, code));
    }
}
