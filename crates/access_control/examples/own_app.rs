//! The routes of access control in an actix service of one's own:
//! `cargo run -p ouvira-access-control --features http --example own_app`. It asks itself a few things and ends; the same
//! `App` is what `HttpServer::new` is given.

use std::sync::Arc;

use actix_web::{
    App,
    http::header::AUTHORIZATION,
    test::{TestRequest, call_and_read_body, init_service},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use ouvira_access_control::{
    AccessControl, AccessControlDeps, Catalogue, GrantDeps, Grants, MIGRATIONS, Rights, http::routes,
    permission,
};
use ouvira_common::{
    db::DbError,
    entropy::OsEntropy,
    http::{document, problems, request_ids},
    permission::SystemRole,
    ports::RoleGrants as _,
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{FakeCredentials, FakeSessions, MemoryUsers, RecordingAudit, RecordingNotifier},
    },
};
use serde_json::json;

#[actix_web::main]
async fn main() -> Result<(), DbError> {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let ada = tenant.user().await;
    let grants = Grants::new(GrantDeps {
        rights: Rights::new(Catalogue::new(&[permission::PERMISSIONS])),
        users: Arc::new(MemoryUsers::default()),
        audit: Arc::new(RecordingAudit::default()),
        notifier: Arc::new(RecordingNotifier::default()),
    });
    let db = tenant.db();
    db.write(&tenant.job(), async |tx| grants.give_tenant_role(tx, ada.id, SystemRole::Admin).await).await?;
    let access = AccessControl::new(AccessControlDeps {
        db,
        grants,
        credentials: Arc::new(FakeCredentials::default()),
        sessions: Arc::new(FakeSessions::default()),
        entropy: Arc::new(OsEntropy),
    });
    let app = App::new()
        .document(document("My service", "1.0.0", "With Ouvira's access control."))
        .app_data(Data::new(tenant.gatekeeper("secret", &tenant.context(&ada))))
        .app_data(Data::new(access))
        .wrap(problems())
        .wrap(request_ids())
        .service(scope("/api/v1").configure(routes))
        .build("/openapi.json");
    let service = init_service(app).await;

    let check = json!({"checks": [{"permission": "role.grant"}], "explain": true});
    for (request, path) in [
        (TestRequest::get(), "/api/v1/access-control/roles?limit=2"),
        (TestRequest::post().set_json(check), "/api/v1/access-control/check"),
    ] {
        let request = request.uri(path).insert_header((AUTHORIZATION, "Bearer secret"));
        let answer = call_and_read_body(&service, request.to_request()).await;
        println!("{path}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
