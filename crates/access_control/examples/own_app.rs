//! The routes of access control in an actix service of one's own:
//! `cargo run -p ouvira-access-control --features http --example own_app`. It asks itself a few things and ends.

use std::{io, sync::Arc};

use actix_web::{App, HttpServer, web::Data};
use apistos::{app::OpenApiWrapper as _, web::scope};
use chrono::TimeDelta;
use ouvira_access_control::{
    AccessControl, AccessControlDeps, Catalogue, GrantDeps, Grants, MIGRATIONS, Rights, http::routes,
    permission,
};
use ouvira_common::{
    db::{DbError, SessionScope},
    entropy::OsEntropy,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    permission::SystemRole,
    ports::{RoleGrants as _, VerifiedToken},
    principal::Principal,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FakeCredentials, FakeSessions, FixedTokens, MemoryUsers, RecordingAudit, RecordingNotifier},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

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

    let grants = Grants::new(GrantDeps {
        rights: Rights::new(Catalogue::new(&[permission::PERMISSIONS])),
        users: Arc::new(MemoryUsers::default()),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
    });
    let first: Result<(), DbError> = tenant
        .db()
        .write(&tenant.job(), async |tx| grants.give_tenant_role(tx, user.id, SystemRole::Admin).await)
        .await;
    first.map_err(io::Error::other)?;
    let access = AccessControl::new(AccessControlDeps {
        db: tenant.db(),
        grants,
        credentials: Arc::new(FakeCredentials::default()),
        sessions: Arc::new(FakeSessions::default()),
        entropy: Arc::new(OsEntropy),
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
            .document(document("My service", "1.0.0", "With Ouvira's access control."))
            .app_data(gatekeeper.clone())
            .app_data(Data::new(access.clone()))
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

    let check = r#"{"checks": [{"permission": "role.grant"}], "explain": true}"#;
    for (request, body) in
        [("GET /api/v1/access-control/roles?limit=2", ""), ("POST /api/v1/access-control/check", check)]
    {
        let mut stream = TcpStream::connect(address).await?;
        let head = format!(
            "{request} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer secret\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        println!("{request}: {}\n  {body}", head.lines().next().unwrap_or_default());
    }
    handle.stop(true).await;
    Ok(())
}
