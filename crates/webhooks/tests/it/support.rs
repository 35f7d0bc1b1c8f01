//! A tenant with the tables of this domain, and the use cases over it.

use std::sync::{Arc, LazyLock};

use ouvira_common::{
    context::RequestContext,
    entropy::OsEntropy,
    id::{UserId, uuid_at},
    outbox::{Delivery, EventField, HandlerError, OutboxEvent as _, OutboxHandler as _, PublishedEvent},
    page::{Limit, PageRequest},
    ports::PermissionChecker,
    problem::{Code, Failure as _},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, FixedHolders, RecordingAudit, RecordingNotifier},
    },
};
use ouvira_webhooks::{
    AttemptDue, DeliveryFilter, Events, FanOut, MIGRATIONS, Networks, NewWebhook, SendDeliveries, Sender,
    WebhookDeps, WebhookError, Webhooks,
    model::{Webhook, WebhookDelivery, WebhookId},
};
use serde_json::{Value, json};
use uuid::Uuid;

static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    const FIELDS: &[EventField] = &[EventField { name: "n", rust: "i64", description: "Which." }];
    const EVENTS: &[PublishedEvent] = &[
        PublishedEvent { topic: "thing.made.v1", description: "A thing was made.", fields: FIELDS },
        PublishedEvent { topic: "thing.broken.v1", description: "A thing broke.", fields: FIELDS },
    ];
    Events::new(&[EVENTS])
});

pub(crate) struct House {
    pub(crate) tenant: TestTenant,
    pub(crate) audit: Arc<RecordingAudit>,
    pub(crate) notifier: Arc<RecordingNotifier>,
    pub(crate) admin: UserId,
}

impl House {
    pub(crate) async fn new(mode: PlacementMode) -> Self {
        let tenant = TestTenant::new(mode, MIGRATIONS).await;
        let admin = tenant.user().await.id;
        Self { tenant, audit: Arc::default(), notifier: Arc::default(), admin }
    }

    pub(crate) fn webhooks(&self) -> Webhooks {
        self.webhooks_with(Arc::new(AllowAll), "127.0.0.0/8")
    }

    pub(crate) fn webhooks_with(&self, rights: Arc<dyn PermissionChecker>, allowed: &str) -> Webhooks {
        let allowed = allowed.split(',').filter_map(|network| network.parse().ok()).collect();
        Webhooks::new(WebhookDeps {
            db: self.tenant.db(),
            rights,
            holders: Arc::new(FixedHolders(vec![self.admin])),
            audit: self.audit.clone(),
            notifier: self.notifier.clone(),
            entropy: Arc::new(OsEntropy),
            events: &EVENTS,
            sender: Sender::new(Networks::new(allowed), false).expect("a sender can be made"),
        })
    }

    pub(crate) async fn somebody(&self) -> RequestContext {
        self.tenant.context(&self.tenant.user().await)
    }

    /// A webhook to `url`, and its secret.
    pub(crate) async fn hook(&self, ctx: &RequestContext, url: &str, events: &[&str]) -> (Webhook, String) {
        let new = NewWebhook {
            url: url.to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            description: None,
        };
        let (webhook, secret) = self.webhooks().create(ctx, new).await.expect("it is made");
        (webhook, secret.text().expose().to_owned())
    }

    /// An event happens and is handed to the subscribers.
    pub(crate) async fn happen(&self, event: &str, n: i64) -> Delivery {
        let delivery = Delivery {
            id: uuid_at(self.tenant.now()),
            topic: event.to_owned(),
            payload: json!({"n": n}),
            attempt: 1,
        };
        self.fan_out(&delivery).await;
        delivery
    }

    pub(crate) async fn fan_out(&self, delivery: &Delivery) {
        FanOut(self.webhooks()).handle(&self.tenant.job(), delivery).await.expect("it is fanned out");
    }

    /// The attempts that the outbox has, in order; they are taken out of it.
    pub(crate) async fn attempts_due(&self) -> Vec<Value> {
        let tenant = self.tenant.tenant().id;
        let select = format!(
            "SELECT payload FROM ouvira_core.outbox WHERE tenant_id = '{tenant}' AND topic = '{}' ORDER BY id",
            AttemptDue::TOPIC
        );
        let rows = self.tenant.owner_rows(&select).await;
        self.tenant.owner_sql(&format!("DELETE FROM ouvira_core.outbox WHERE tenant_id = '{tenant}'")).await;
        rows.into_iter().map(|row| row["payload"].clone()).collect()
    }

    /// Tries a delivery for the `attempt`-th time.
    pub(crate) async fn attempt(&self, due: &Value, attempt: u32) -> Result<(), HandlerError> {
        let delivery =
            Delivery { id: Uuid::nil(), topic: AttemptDue::TOPIC.to_owned(), payload: due.clone(), attempt };
        SendDeliveries(self.webhooks()).handle(&self.tenant.job(), &delivery).await
    }

    /// The newest delivery of a webhook.
    pub(crate) async fn newest(&self, ctx: &RequestContext, id: WebhookId) -> WebhookDelivery {
        let filter = DeliveryFilter::default();
        let mut page =
            self.webhooks().list_deliveries(ctx, id, &filter, &first(10)).await.expect("they are listed");
        page.items.remove(0)
    }
}

/// The first page, of at most `limit`.
pub(crate) fn first(limit: u32) -> PageRequest {
    PageRequest { limit: Limit::new(limit).expect("a limit from 1 to 100"), ..PageRequest::default() }
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(outcome: Result<T, WebhookError>) -> Code {
    outcome.expect_err("it is refused").code()
}
