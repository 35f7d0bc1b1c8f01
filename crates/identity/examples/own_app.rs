//! The users' routes in an actix service of one's own, beside a route of its own, with rights of its own:
//! `cargo run -p ouvira-identity --features http --example own_app`. It asks itself once and ends.

use std::{io, sync::Arc};

use actix_web::{App, HttpServer, web::Data};
use apistos::{app::OpenApiWrapper as _, web::scope};
use async_trait::async_trait;
use chrono::TimeDelta;
use ouvira_common::{
    db::{DbError, SessionScope, Tx},
    http::{Gatekeeper, GatekeeperDeps, SignedIn, document, problems, request_ids},
    permission::{Permission, Scope},
    ports::{Denied, PermissionChecker, VerifiedToken, Visible},
    principal::Principal,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FakeSessions, FixedTokens, RecordingAudit, RecordingGrants},
    },
    time::SystemClock,
};
use ouvira_identity::{MIGRATIONS, UserDeps, Users, http::routes, permission};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The rights of this service: everybody reads, nobody changes.
struct EverybodyReads;

#[async_trait]
impl PermissionChecker for EverybodyReads {
    async fn require(&self, tx: &mut Tx, asked: &Permission, scope: Scope) -> Result<(), Denied> {
        if self.holds(tx, asked, scope).await? { Ok(()) } else { Err(Denied::Missing(asked.code)) }
    }

    async fn holds(&self, _: &mut Tx, asked: &Permission, _: Scope) -> Result<bool, DbError> {
        Ok(*asked == permission::READ)
    }

    async fn visible(&self, _: &mut Tx, _: &Permission) -> Result<Visible, DbError> {
        Ok(Visible::All)
    }
}

/// A route of this service's own; `SignedIn` does for it what it does for the domain's.
async fn greet(caller: SignedIn) -> String {
    format!("Welcome to {}", caller.tenant().name)
}

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

    let grants = Arc::new(RecordingGrants::default());
    let users = Users::new(UserDeps {
        db: tenant.db(),
        rights: Arc::new(EverybodyReads),
        roles: grants.clone(),
        memberships: grants,
        sessions: Arc::new(FakeSessions::default()),
        audit: Arc::new(RecordingAudit::default()),
    });
    let gatekeeper = Data::new(Gatekeeper::new(GatekeeperDeps {
        tokens,
        tenants: tenant.resolver(),
        clock: Arc::new(SystemClock),
        base_domain: None,
        own_hosts: Vec::new(),
        default_tenant: Some(tenant.tenant().slug.clone()),
        trusted_proxies: Vec::new(),
    }));
    let server = HttpServer::new(move || {
        App::new()
            .document(document("My service", "1.0.0", "With Ouvira's users."))
            .app_data(gatekeeper.clone())
            .app_data(Data::new(users.clone()))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json")
            .route("/greeting", actix_web::web::get().to(greet))
    })
    .workers(1)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    for (method, path) in
        [("GET", "/greeting"), ("GET", "/api/v1/account/users"), ("DELETE", "/api/v1/account/users/7")]
    {
        let mut stream = TcpStream::connect(address).await?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer secret\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        println!("{method} {path}: {}\n  {body}", head.lines().next().unwrap_or_default());
    }
    handle.stop(true).await;
    Ok(())
}
