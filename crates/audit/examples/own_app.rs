//! The record's routes in an actix service of one's own: `cargo run -p ouvira-audit --features http --example own_app`. It asks
//! itself what it recorded and ends; the same `App` is what `HttpServer::new` is given.

use std::sync::Arc;

use actix_web::{
    App,
    http::header::AUTHORIZATION,
    test::{TestRequest, call_and_read_body, init_service},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use ouvira_audit::{Audit, AuditDeps, Live, MIGRATIONS, Recorder, http::routes};
use ouvira_common::{
    db::DbError,
    entropy::OsEntropy,
    http::{document, problems, request_ids},
    id::uuid_at,
    ports::{Activity, AuditSink as _, Notice, Notifier as _},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, MemoryUsers},
    },
};
use serde_json::json;

#[actix_web::main]
async fn main() -> Result<(), DbError> {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let recorder = Recorder::new(Arc::new(OsEntropy));
    let user = tenant.user().await;
    let ada = tenant.context(&user);
    tenant
        .db()
        .write(&ada, async |tx| {
            recorder.record(tx, Activity::new("invoice.sent", "invoice", uuid_at(tx.now())));
            recorder.notify(tx, Notice { user: user.id, kind: "company.joined", data: json!({}) });
            Ok::<_, DbError>(())
        })
        .await?;
    let audit = Audit::new(AuditDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        users: Arc::new(MemoryUsers::default()),
        recorder,
    });
    let app = App::new()
        .document(document("My service", "1.0.0", "With Ouvira's record."))
        .app_data(Data::new(tenant.gatekeeper("secret", &ada)))
        .app_data(Data::new(audit))
        .app_data(Data::new(Live::new()))
        .wrap(problems())
        .wrap(request_ids())
        .service(scope("/api/v1").configure(routes))
        .build("/openapi.json");
    let service = init_service(app).await;

    for path in ["/api/v1/audit/activity-logs", "/api/v1/audit/notifications"] {
        let request = TestRequest::get().uri(path).insert_header((AUTHORIZATION, "Bearer secret"));
        let answer = call_and_read_body(&service, request.to_request()).await;
        println!("{path}: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}
