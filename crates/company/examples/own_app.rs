//! The companies' routes in an actix service of one's own, where whoever is signed in may do everything:
//! `cargo run -p ouvira-company --features http --example own_app`. It founds two companies and ends; the same `App` is what
//! `HttpServer::new` is given.

use std::sync::Arc;

use actix_web::{
    App,
    http::header::AUTHORIZATION,
    test::{TestRequest, call_and_read_body, call_and_read_body_json, init_service},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use ouvira_common::{
    http::{document, problems, request_ids},
    tenant::PlacementMode,
    testing::{
        TestTenant,
        fakes::{AllowAll, RecordingAudit, RecordingGrants},
    },
};
use ouvira_company::{Companies, CompanyDeps, MIGRATIONS, http::routes};
use serde_json::{Value, json};

#[actix_web::main]
async fn main() {
    let tenant = TestTenant::new(PlacementMode::Shared, MIGRATIONS).await;
    let ada = tenant.context(&tenant.user().await);
    let companies = Companies::new(CompanyDeps {
        db: tenant.db(),
        rights: Arc::new(AllowAll),
        tree: Arc::new(RecordingGrants::default()),
        audit: Arc::new(RecordingAudit::default()),
    });
    let app = App::new()
        .document(document("My service", "1.0.0", "With Ouvira's companies."))
        .app_data(Data::new(tenant.gatekeeper("secret", &ada)))
        .app_data(Data::new(companies))
        .wrap(problems())
        .wrap(request_ids())
        .service(scope("/api/v1").configure(routes))
        .build("/openapi.json");
    let service = init_service(app).await;

    let post = |body: Value| {
        let request = TestRequest::post().uri("/api/v1/company").set_json(body);
        request.insert_header((AUTHORIZATION, "Bearer secret")).to_request()
    };
    let group: Value = call_and_read_body_json(&service, post(json!({"name": "Analytical Engines"}))).await;
    let below = json!({"name": "Difference Engines", "parent_id": group["id"]});
    println!("{}", String::from_utf8_lossy(&call_and_read_body(&service, post(below)).await));

    let tree = format!("/api/v1/company/{}/tree", group["id"].as_str().unwrap_or_default());
    let request = TestRequest::get().uri(&tree).insert_header((AUTHORIZATION, "Bearer secret")).to_request();
    println!("{tree}: {}", String::from_utf8_lossy(&call_and_read_body(&service, request).await));
}
