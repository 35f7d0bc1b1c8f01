//! The HTTP shell: every domain's routes behind one door.

mod answer_headers;
mod document;
mod health;
mod me;
mod older_paths;
mod people;
mod readiness;
mod session_test;
mod shell;
mod timezone;

use actix_web::{
    App,
    body::MessageBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::{Compress, NormalizePath},
    test::{TestRequest, call_and_read_body_json, init_service},
};
use apistos::{
    app::{BuildConfig, OpenApiWrapper as _},
    web::{ServiceConfig, get, post, resource, scope},
};
use ouvira_auth::http::cookie_sessions;
use ouvira_common::http::{answers_once, methods, no_store, observed_requests, problems_telling};

use crate::{delivery::inbox_routes, guard, limits};
pub(crate) use older_paths::successor;
pub(crate) use shell::Shell;

/// Every route of the API; the inbox of a local service among them.
fn routes(config: &mut ServiceConfig, local: bool) {
    let domains = |config: &mut ServiceConfig| {
        if local {
            inbox_routes(config);
        }
        ouvira_auth::http::routes(config);
        ouvira_identity::http::routes(config);
        ouvira_access_control::http::routes(config);
        ouvira_company::http::routes(config);
        ouvira_audit::http::routes(config);
        ouvira_webhooks::http::routes(config);
        ouvira_tenancy::http::routes(config);
        config
            .service(resource("/me").route(get().to(me::read)))
            .service(resource("/users").route(get().to(people::list)).route(post().to(people::create)))
            .service(resource("/account/session-tests").route(get().to(session_test::read)))
            .service(resource("/health").route(get().to(health::live)))
            .service(resource("/timezone").route(get().to(timezone::timezone)));
    };
    config
        .service(scope("/api/v1").configure(domains))
        .service(resource("/health/ready").route(get().to(health::read_readiness)));
}

/// One thread's application, with `connections` to the common database.
pub(crate) fn app(
    shell: &Shell,
    connections: usize,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    App::new()
        .document(document::spec())
        .configure(|config| routes(config, shell.is_local()))
        .build_with("/api/openapi.json", BuildConfig::default().disable_openapi_route())
        .configure(|config| shell.provide(config, connections))
        .configure(|config| shell.undocumented(config))
        .wrap(answers_once())
        .wrap(limits::limits(shell.limits()))
        .wrap(cookie_sessions())
        .wrap(methods())
        .wrap(no_store())
        .wrap(guard::in_time(shell.patience()))
        .wrap(NormalizePath::trim())
        .wrap(older_paths::older_paths())
        .wrap(guard::entrance(shell.guard()))
        .wrap(Compress::default())
        .wrap(problems_telling(shell.is_telling()))
        .wrap(observed_requests(shell.observer()))
        .wrap(guard::answers(shell.guard()))
}

/// The `OpenAPI` document, as apistos builds it from the routes; nothing behind them is needed.
pub(crate) async fn document() -> serde_json::Value {
    let service = init_service(
        App::new()
            .document(document::spec())
            .configure(|config| routes(config, true))
            .build("/api/openapi.json"),
    )
    .await;
    let request = TestRequest::with_uri("/api/openapi.json").to_request();
    let mut document = call_and_read_body_json(&service, request).await;
    document::complete(&mut document);
    document
}
