//! Webhooks in a program of one's own, without HTTP: `cargo run -p ouvira-webhooks --example no_http`.
//!
//! A tenant subscribes, something happens, and a receiver on this machine checks what it gets with another's implementation of
//! Standard Webhooks. The handlers are called by hand here; in a service a worker of the outbox does it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    sync::{Arc, LazyLock},
    thread,
};

use ouvira_common::{
    entropy::OsEntropy,
    id::uuid_at,
    outbox::{Delivery, EventField, OutboxHandler as _, PublishedEvent},
    page::PageRequest,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, FixedHolders, RecordingAudit, RecordingNotifier},
    },
};
use ouvira_webhooks::{
    AttemptDue, DeliveryFilter, Events, FanOut, MIGRATIONS, Networks, NewWebhook, SendDeliveries, Sender,
    WebhookDeps, Webhooks,
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;

/// What this program publishes.
static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    const FIELDS: &[EventField] = &[EventField { name: "order_id", rust: "Uuid", description: "Which one." }];
    Events::new(&[&[PublishedEvent {
        topic: "order.shipped.v1",
        description: "An order left.",
        fields: FIELDS,
    }]])
});

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tenant = TestTenant::new(PlacementMode::Schema, MIGRATIONS).await;
    let user = tenant.user().await;
    let webhooks = Webhooks::new(WebhookDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        holders: Arc::new(FixedHolders(vec![user.id])),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
        entropy: Arc::new(OsEntropy),
        events: &EVENTS,
        // Only public addresses otherwise; the receiver below is on this machine.
        sender: Sender::new(Networks::new(vec!["127.0.0.0/8".parse()?]), false)?,
    });

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let administrator = tenant.context(&user);
    let new = NewWebhook {
        url: format!("http://{}/hook", listener.local_addr()?),
        events: vec!["order.shipped.v1".to_owned()],
        description: None,
    };
    let (webhook, secret) = webhooks.create(&administrator, new).await?;
    let secret = secret.text().expose().to_owned();
    let receiver = thread::spawn(move || receive(&listener, &secret).expect("a message arrives"));

    let event = Delivery {
        id: uuid_at(tenant.now()),
        topic: "order.shipped.v1".to_owned(),
        payload: json!({"order_id": uuid_at(tenant.now())}),
        attempt: 1,
    };
    FanOut(webhooks.clone()).handle(&tenant.job(), &event).await?;
    let due = DeliveryFilter::default();
    let waiting = webhooks.list_deliveries(&administrator, webhook.id, &due, &PageRequest::default()).await?;
    for delivery in waiting.items {
        let due = Delivery {
            payload: serde_json::to_value(AttemptDue { delivery_id: delivery.id })?,
            ..event.clone()
        };
        SendDeliveries(webhooks.clone()).handle(&tenant.job(), &due).await?;
    }
    println!("the receiver got {}", receiver.join().expect("it ends"));
    let sent = webhooks.list_deliveries(&administrator, webhook.id, &due, &PageRequest::default()).await?;
    println!("the delivery: {:?}, answered {:?}", sent.items[0].status, sent.items[0].response_code);
    Ok(())
}

/// Takes one message, and answers its body once its signature is checked.
fn receive(listener: &TcpListener, secret: &str) -> Result<String, Box<dyn std::error::Error>> {
    let (mut stream, _) = listener.accept()?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut headers, mut length) = (HeaderMap::new(), 0);
    for line in reader.by_ref().lines().skip(1) {
        let line = line?;
        let Some((name, value)) = line.split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        }
        headers.insert(name.parse::<HeaderName>()?, HeaderValue::from_str(value)?);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    standardwebhooks::Webhook::new(secret)?.verify(&body, &headers)?;
    stream.write_all(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    Ok(String::from_utf8(body)?)
}
