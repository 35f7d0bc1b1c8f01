use std::sync::Arc;

use ouvira_audit::{DeliverNotices, Live, Marked, NotificationCreated, Preference, Preferences};
use ouvira_common::{
    entropy::OsEntropy,
    id::UserId,
    messages::MessageRequested,
    outbox::{Delivery, OutboxEvent as _, OutboxHandler as _},
    ports::{Notice, Notifier as _, Person},
    problem::{Failure as _, FieldCode},
    tenant::PlacementMode,
    testing::fakes::DenyAll,
    text::Email,
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

/// Payloads of the tenant's outbox of that topic, oldest first.
async fn published(house: &House, topic: &str) -> Vec<serde_json::Value> {
    let tenant = house.tenant.tenant().id;
    let select = format!(
        "SELECT payload FROM ouvira_core.outbox WHERE topic = '{topic}' AND tenant_id = '{tenant}' ORDER BY id"
    );
    house.tenant.owner_rows(&select).await.into_iter().map(|mut row| row["payload"].take()).collect()
}

fn somebody(id: UserId) -> Person {
    let at = "2026-11-20T00:00:00Z".parse().expect("an instant");
    Person {
        id,
        email: Some(Email::parse("/email", "ada@example.com").expect("an address")),
        email_verified: true,
        phone: None,
        phone_verified: false,
        first_name: "Ada".to_owned(),
        last_name: String::new(),
        locale: ouvira_common::locale::Locale::Fr,
        timezone: "UTC".to_owned(),
        active: true,
        two_factor_enabled: false,
        last_login_at: None,
        created_at: at,
        updated_at: at,
        version: 1,
    }
}

#[tokio::test]
async fn preferences_decide_between_list_and_mail() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let user = house.tenant.user().await;
        let ctx = house.tenant.context(&user);
        let audit = house.audit_with(Arc::new(DenyAll));
        let defaults = audit.read_preferences(&ctx).await.unwrap();
        assert_eq!(defaults["company.joined"], Preference { in_app: true, email: false });
        notify(&house, user.id, "A").await;

        let mailed =
            Preferences::from([("company.joined".to_owned(), Preference { in_app: false, email: true })]);
        let decided = audit.replace_preferences(&ctx, mailed).await.unwrap();
        assert_eq!(decided["company.joined"], Preference { in_app: false, email: true });
        assert_eq!(audit.read_preferences(&ctx).await.unwrap(), decided);
        notify(&house, user.id, "B").await;

        let off =
            Preferences::from([("company.joined".to_owned(), Preference { in_app: false, email: false })]);
        audit.replace_preferences(&ctx, off).await.unwrap();
        notify(&house, user.id, "C").await;
        assert_eq!(audit.count_unread(&ctx).await.unwrap(), 1);
        assert_eq!(audit.replace_preferences(&ctx, Preferences::new()).await.unwrap(), defaults);
    }
}

#[tokio::test]
async fn a_wanted_mail_is_sent_once() {
    let house = House::new(PlacementMode::Shared).await;
    let user = house.tenant.user().await;
    house.users.put(somebody(user.id));
    let both = Preferences::from([("role.granted".to_owned(), Preference { in_app: true, email: true })]);
    house.audit().replace_preferences(&house.tenant.context(&user), both).await.unwrap();
    let notice = Notice { user: user.id, kind: "role.granted", data: json!({"role": {"name": "Admin"}}) };
    house.in_transaction(&house.tenant.job(), |tx| house.recorder.notify(tx, notice.clone())).await;

    let deliver = DeliverNotices {
        db: house.tenant.db(),
        users: house.users.clone(),
        entropy: Arc::new(OsEntropy),
        hints: Arc::new(Live::new()),
    };
    let payload = published(&house, NotificationCreated::TOPIC).await.remove(0);
    let delivery =
        Delivery { id: any_id(), topic: NotificationCreated::TOPIC.to_owned(), payload, attempt: 1 };
    for _ in 0..2 {
        deliver.handle(&house.tenant.job(), &delivery).await.unwrap();
    }
    let requests = published(&house, MessageRequested::TOPIC).await;
    let [request] = &requests[..] else { panic!("one mail, not {}", requests.len()) };
    let request: MessageRequested = serde_json::from_value(request.clone()).unwrap();
    let message = request.open(&house.tenant.tenant().data_key).unwrap();
    assert_eq!(message.template, "notification");
    assert_eq!(message.data["body"], "Vous avez désormais le rôle Admin.");
}

#[tokio::test]
async fn what_concerns_the_security_of_an_account_cannot_be_switched_off() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.tenant.context(&house.tenant.user().await);
    for (kind, preference, pointer) in [
        ("password.changed", Preference { in_app: false, email: true }, "/kinds/password.changed/in_app"),
        ("password.changed", Preference { in_app: true, email: false }, "/kinds/password.changed/email"),
        ("no/such", Preference { in_app: true, email: false }, "/kinds/no~1such"),
    ] {
        let preferences = Preferences::from([(kind.to_owned(), preference)]);
        let refused = house.audit().replace_preferences(&ctx, preferences).await.unwrap_err();
        assert_eq!(refused.fields()[0].pointer, pointer);
    }
}
