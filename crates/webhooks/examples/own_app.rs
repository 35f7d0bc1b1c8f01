//! The webhooks' routes in an actix service of one's own, which publishes events of its own:
//! `cargo run -p ouvira-webhooks --features http --example own_app`. It asks itself a few times and ends.

use std::{
    io,
    sync::{Arc, LazyLock},
};

use actix_web::{App, HttpServer, web::Data};
use apistos::{app::OpenApiWrapper as _, web::scope};
use chrono::TimeDelta;
use ouvira_common::{
    db::SessionScope,
    entropy::OsEntropy,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    outbox::PublishedEvent,
    ports::VerifiedToken,
    principal::Principal,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, FixedHolders, FixedTokens, RecordingAudit, RecordingNotifier},
    },
};
use ouvira_webhooks::{Events, MIGRATIONS, Networks, Sender, WebhookDeps, Webhooks, http::routes};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What this service publishes.
static EVENTS: LazyLock<Events> = LazyLock::new(|| {
    Events::new(&[&[PublishedEvent {
        topic: "order.shipped.v1",
        description: "An order left.",
        fields: &[],
    }]])
});

#[actix_web::main]
async fn main() -> io::Result<()> {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let user = tenant.user().await;
    let tokens = Arc::new(FixedTokens::default());
    let token = VerifiedToken {
        tenant: tenant.tenant().id,
        principal: Principal::user(user.id),
        session: user.session,
        scope: SessionScope::Full,
        amr: vec!["pwd".to_owned()],
        authenticated_at: tenant.now(),
        expires_at: tenant.now() + TimeDelta::minutes(15),
    };
    tokens.put("secret", token);

    let webhooks = Webhooks::new(WebhookDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        holders: Arc::new(FixedHolders(vec![user.id])),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
        entropy: Arc::new(OsEntropy),
        events: &EVENTS,
        sender: Sender::new(Networks::default(), true).map_err(io::Error::other)?,
    });
    let gatekeeper = Data::new(Gatekeeper::new(GatekeeperDeps {
        tokens,
        tenants: tenant.resolver(),
        clock: tenant.clock(),
        base_domain: None,
        own_hosts: Vec::new(),
        default_tenant: Some(tenant.tenant().slug.clone()),
        trusted_proxies: Vec::new(),
    }));
    let server = HttpServer::new(move || {
        App::new()
            .document(document("My service", "1.0.0", "With Ouvira's webhooks."))
            .app_data(gatekeeper.clone())
            .app_data(Data::new(webhooks.clone()))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json")
    })
    .workers(1)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    for body in [
        r#"{"url": "https://1.1.1.1/hook", "events": ["order.shipped.v1"]}"#,
        r#"{"url": "https://0x7f.1/hook", "events": ["order.lost.v1"]}"#,
    ] {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "POST /api/v1/audit/webhooks HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer secret\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, answered) = answer.split_once("\r\n\r\n").unwrap_or_default();
        println!("{body}: {}\n  {answered}", head.lines().next().unwrap_or_default());
    }
    handle.stop(true).await;
    Ok(())
}
