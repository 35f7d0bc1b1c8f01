use std::sync::Arc;

use chrono::Duration;
use ouvira_common::{
    context::Authentication,
    problem::{Code, FieldCode},
    tenant::PlacementMode,
    testing::fakes::DenyAll,
};
use ouvira_webhooks::{
    DeliveryFilter, Edit, MOST, NewWebhook, WebhookEdit, WebhookError,
    model::{DeliveryId, WebhookId},
};

use crate::support::{House, code, first};

const URL: &str = "http://127.0.0.1:9/hook";

fn fields(error: WebhookError) -> Vec<(String, FieldCode)> {
    match error {
        WebhookError::Fields(fields) => {
            fields.0.into_iter().map(|field| (field.pointer, field.code)).collect()
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_webhook_lives_its_life_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let (ctx, webhooks) = (house.somebody().await, house.webhooks());
        let (made, secret) = house.hook(&ctx, URL, &["thing.made.v1", "thing.made.v1"]).await;
        assert_eq!(made.events, ["thing.made.v1"]);
        assert!(secret.starts_with("whsec_") && secret.len() == 50, "32 bytes in base64");
        let stored = house.tenant.owner_rows("SELECT secret::text AS secret FROM webhooks").await;
        assert!(!stored[0].to_string().contains(&secret[6..20]), "sealed");
        assert_eq!(webhooks.read(&ctx, made.id).await.unwrap(), made);
        assert_eq!(webhooks.list(&ctx, &first(1)).await.unwrap().items, std::slice::from_ref(&made));

        let edit = WebhookEdit {
            events: Edit::To(vec!["*".to_owned()]),
            description: Edit::To("Ours".to_owned()),
            active: Edit::To(false),
            ..WebhookEdit::default()
        };
        let paused = webhooks.update(&ctx, made.id, Some(1), edit).await.unwrap();
        assert_eq!((paused.version, paused.events.as_slice()), (2, &["*".to_owned()][..]));
        assert!(paused.paused.is_some());
        let resume = WebhookEdit { active: Edit::To(true), ..WebhookEdit::default() };
        assert_eq!(
            code(webhooks.update(&ctx, made.id, Some(1), resume.clone()).await),
            Code::VersionMismatch
        );
        assert_eq!(webhooks.update(&ctx, made.id, Some(2), resume).await.unwrap().paused, None);
        assert_eq!(code(webhooks.delete(&ctx, made.id, Some(1)).await), Code::VersionMismatch);
        webhooks.delete(&ctx, made.id, Some(3)).await.unwrap();
        assert_eq!(code(webhooks.read(&ctx, made.id).await), Code::NotFound);
        assert_eq!(
            house.audit.actions(),
            ["webhook.created", "webhook.updated", "webhook.updated", "webhook.deleted"]
        );
    }
}

#[tokio::test]
async fn another_tenants_webhook_is_not_there() {
    for mode in PlacementMode::ALL {
        let (ours, theirs) = (House::new(mode).await, House::new(PlacementMode::Shared).await);
        let ctx = theirs.somebody().await;
        let (webhook, _) = ours.hook(&ours.somebody().await, URL, &["*"]).await;
        let webhooks = theirs.webhooks();
        assert_eq!(code(webhooks.read(&ctx, webhook.id).await), Code::NotFound);
        assert_eq!(
            code(webhooks.update(&ctx, webhook.id, None, WebhookEdit::default()).await),
            Code::NotFound
        );
        assert_eq!(code(webhooks.rotate_secret(&ctx, webhook.id, None).await), Code::NotFound);
        assert_eq!(code(webhooks.delete(&ctx, webhook.id, None).await), Code::NotFound);
        let delivery = DeliveryId::new_at(theirs.tenant.now());
        assert_eq!(code(webhooks.replay(&ctx, webhook.id, delivery).await), Code::NotFound);
        let (filter, page) = (DeliveryFilter::default(), first(1));
        assert_eq!(code(webhooks.list_deliveries(&ctx, webhook.id, &filter, &page).await), Code::NotFound);
        assert_eq!(webhooks.list(&ctx, &first(1)).await.unwrap().items, []);
    }
}

#[tokio::test]
async fn without_the_permission_nothing_is_done_and_no_name_is_looked_up() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (webhook, _) = house.hook(&ctx, URL, &["*"]).await;
    let webhooks = house.webhooks_with(Arc::new(DenyAll), "");
    let new = NewWebhook { url: "http://10.0.0.1/".to_owned(), events: Vec::new(), description: None };
    assert_eq!(code(webhooks.create(&ctx, new).await), Code::PermissionDenied);
    assert_eq!(code(webhooks.list(&ctx, &first(1)).await), Code::PermissionDenied);
    assert_eq!(code(webhooks.read(&ctx, webhook.id).await), Code::PermissionDenied);
    assert_eq!(code(webhooks.rotate_secret(&ctx, webhook.id, None).await), Code::PermissionDenied);
    assert_eq!(code(webhooks.delete(&ctx, webhook.id, None).await), Code::PermissionDenied);
}

#[tokio::test]
async fn a_secret_is_handed_out_only_to_who_signed_in_lately() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (webhook, _) = house.hook(&ctx, URL, &["*"]).await;
    let long_ago = Authentication {
        at: Some(house.tenant.now() - Duration::minutes(11)),
        ..ctx.authentication().clone()
    };
    let ctx = ctx.with_authentication(long_ago);
    let webhooks = house.webhooks();
    assert_eq!(code(webhooks.rotate_secret(&ctx, webhook.id, None).await), Code::ReauthenticationRequired);
    let new = NewWebhook { url: URL.to_owned(), events: vec!["*".to_owned()], description: None };
    assert_eq!(code(webhooks.create(&ctx, new).await), Code::ReauthenticationRequired);
}

#[tokio::test]
async fn every_wrong_field_is_told() {
    let house = House::new(PlacementMode::Shared).await;
    let (ctx, webhooks) = (house.somebody().await, house.webhooks());
    for (url, events, description, expected) in [
        ("ftp://example.com/", vec!["*"], "", vec![("/url", FieldCode::InvalidFormat)]),
        ("/hook", vec!["*"], "", vec![("/url", FieldCode::InvalidFormat)]),
        ("https://user:secret@example.com/", vec!["*"], "", vec![("/url", FieldCode::InvalidFormat)]),
        ("https://example.com/#part", vec!["*"], "", vec![("/url", FieldCode::InvalidFormat)]),
        (URL, vec![], "", vec![("/events", FieldCode::Empty)]),
        (
            URL,
            vec!["thing.made.v1", "thing.lost.v1"],
            "a\u{7}b",
            vec![("/events/1", FieldCode::InvalidChoice), ("/description", FieldCode::ControlCharacters)],
        ),
    ] {
        let new = NewWebhook {
            url: url.to_owned(),
            events: events.into_iter().map(str::to_owned).collect(),
            description: Some(description.to_owned()),
        };
        let found = fields(webhooks.create(&ctx, new).await.unwrap_err());
        let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
        assert_eq!(found, expected, "{url}");
    }
    let edit = WebhookEdit { url: Edit::Reset, events: Edit::Reset, ..WebhookEdit::default() };
    let (webhook, _) = house.hook(&ctx, URL, &["*"]).await;
    let found = fields(webhooks.update(&ctx, webhook.id, None, edit).await.unwrap_err());
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(code(webhooks.read(&ctx, WebhookId::new_at(house.tenant.now())).await), Code::NotFound);
}

#[tokio::test]
async fn a_tenant_has_only_so_many() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    for _ in 0..MOST {
        house.hook(&ctx, URL, &["*"]).await;
    }
    let new = NewWebhook { url: URL.to_owned(), events: vec!["*".to_owned()], description: None };
    assert_eq!(code(house.webhooks().create(&ctx, new).await), Code::QuotaExceeded);
}
