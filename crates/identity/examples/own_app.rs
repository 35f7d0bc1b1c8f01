//! The users' routes in an actix service of one's own, beside a route of its own, with rights of its own:
//! `cargo run -p ouvira-identity --features http --example own_app`. It asks itself a few things and ends; the same `App` is
//! what `HttpServer::new` is given.

use std::sync::Arc;

use actix_web::{
    App,
    http::header::AUTHORIZATION,
    test::{TestRequest, call_and_read_body, init_service},
    web::{Data, get},
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    http::{SignedIn, document, problems, request_ids},
    permission::{Permission, Scope},
    ports::{Denied, PermissionChecker, Visible},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FakeSessions, RecordingAudit, RecordingGrants},
    },
};
use ouvira_identity::{MIGRATIONS, UserDeps, Users, http::routes, permission};

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
async fn main() {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let ada = tenant.context(&tenant.user().await);
    let grants = Arc::new(RecordingGrants::default());
    let users = Users::new(UserDeps {
        db: tenant.db(),
        rights: Arc::new(EverybodyReads),
        roles: grants.clone(),
        memberships: grants,
        sessions: Arc::new(FakeSessions::default()),
        audit: Arc::new(RecordingAudit::default()),
    });
    let app = App::new()
        .document(document("My service", "1.0.0", "With Ouvira's users."))
        .app_data(Data::new(tenant.gatekeeper("secret", &ada)))
        .app_data(Data::new(users))
        .wrap(problems())
        .wrap(request_ids())
        .service(scope("/api/v1").configure(routes))
        .build("/openapi.json")
        .route("/greeting", get().to(greet));
    let service = init_service(app).await;

    for (request, path) in [
        (TestRequest::get(), "/greeting"),
        (TestRequest::get(), "/api/v1/account/users"),
        (TestRequest::delete(), "/api/v1/account/users/7"),
    ] {
        let request = request.uri(path).insert_header((AUTHORIZATION, "Bearer secret"));
        let answer = call_and_read_body(&service, request.to_request()).await;
        println!("{path}: {}", String::from_utf8_lossy(&answer));
    }
}
