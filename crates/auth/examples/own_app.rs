//! The routes of signing in, in an actix service of one's own, beside a route of its own that asks who calls:
//! `cargo run -p ouvira-auth --features http --example own_app`. It signs somebody in and ends.

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use actix_web::{App, HttpServer, web::Data};
use apistos::{app::OpenApiWrapper as _, web::scope};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_auth::{
    AccessTokens, Auth, AuthConfig, AuthDeps, HashCost, MIGRATIONS, PasswordHasher,
    http::{CookieOrigins, cookie_sessions, routes},
};
use ouvira_common::{
    entropy::OsEntropy,
    http::{Gatekeeper, GatekeeperDeps, SignedIn, document, problems, request_ids},
    messages::MessageRequested,
    ports::SigningKey,
    secret::Secret,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FixedKeys, MemoryUsers, NoCaptcha, RecordingAudit, RecordingNotifier},
    },
    time::SystemClock,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A route of this service's own; `SignedIn` does for it what it does for the domain's.
async fn greet(caller: SignedIn) -> String {
    format!("\"Welcome to {}\"", caller.tenant().name)
}

fn signing_key() -> Result<SigningKey, Box<dyn Error>> {
    let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref())?;
    let body = STANDARD.encode(document.as_ref());
    Ok(SigningKey {
        kid: "first".to_owned(),
        private_pem: Secret::new(format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")),
        public: pair.public_key().as_ref().try_into()?,
    })
}

/// Calls the service, prints the answer's first line, and gives back its body.
async fn call(address: SocketAddr, line: &str, token: &str, body: Value) -> io::Result<Value> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let bearer = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{bearer}");
    let length = format!("Content-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(format!("{head}{length}{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    println!("{line}: {}", head.lines().next().unwrap_or_default());
    Ok(serde_json::from_str(body).unwrap_or_default())
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let keys = Arc::new(FixedKeys::new(vec![signing_key()?]));
    let tokens = Arc::new(AccessTokens::new("https://api.example.com", keys));
    let auth = Data::new(Auth::new(AuthDeps {
        db: tenant.db(),
        users: Arc::new(MemoryUsers::default()),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
        captcha: Arc::new(NoCaptcha),
        entropy: Arc::new(OsEntropy),
        tokens: Arc::clone(&tokens),
        hasher: PasswordHasher::start(1, HashCost::default()),
        config: AuthConfig { app_url: "https://app.example.com".to_owned(), rate_limits: true },
    }));
    let gatekeeper = Data::new(Gatekeeper::new(GatekeeperDeps {
        tokens,
        tenants: tenant.resolver(),
        clock: Arc::new(SystemClock),
        base_domain: None,
        own_hosts: Vec::new(),
        default_tenant: Some(tenant.tenant().slug.clone()),
        trusted_proxies: Vec::new(),
    }));
    let origins = Data::new(CookieOrigins(vec!["https://app.example.com".to_owned()]));
    let server = HttpServer::new(move || {
        App::new()
            .document(document("My service", "1.0.0", "With Ouvira's way of signing in."))
            .app_data(gatekeeper.clone())
            .app_data(origins.clone())
            .app_data(auth.clone())
            .wrap(cookie_sessions())
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json")
            .route("/greeting", actix_web::web::get().to(greet))
    });
    let server = server.workers(1).bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let ask = async |line: &str, body: Value| call(address, line, "", body).await;
    let challenge = ask("POST /api/v1/auth/signup", json!({"email": "ada@example.com"})).await?;
    // What a worker would send is in the outbox, sealed.
    let mut rows = tenant.owner_rows("SELECT payload FROM ouvira_core.outbox ORDER BY id DESC LIMIT 1").await;
    let requested: MessageRequested = serde_json::from_value(rows.remove(0)["payload"].take())?;
    let message = requested.open(&tenant.tenant().data_key)?;
    let typed = json!({"challenge_id": challenge["challenge_id"], "code": message.data["code"]});
    let verified = ask("POST /api/v1/auth/verify-otp", typed).await?;
    let account = json!({"signup_token": verified["signup_token"], "password": "engine analytical 1843"});
    let login = ask("POST /api/v1/auth/finalize-signup", account).await?;
    let token = login["access_token"].as_str().unwrap_or_default();
    println!("{}", call(address, "GET /greeting", token, Value::Null).await?);
    ask("GET /greeting", Value::Null).await?;
    handle.stop(true).await;
    Ok(())
}
