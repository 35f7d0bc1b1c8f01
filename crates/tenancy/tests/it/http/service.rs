//! The service with this domain alone, and callers of it.

use std::sync::Arc;

use actix_web::{
    App,
    dev::Service as _,
    http::{Method, header::HeaderMap},
    test::{TestRequest, init_service, read_body},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    ports::{PermissionChecker, VerifiedToken},
    testing::fakes::{AllowAll, FixedTokens},
};
use ouvira_tenancy::http::routes;
use serde_json::Value;

use crate::support::Platform;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Pointer and code of the first field error.
    pub(crate) fn first_error(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    }
}

/// One request, on the way to being sent.
pub(crate) struct Call<'p> {
    platform: &'p Platform,
    request: TestRequest,
    tokens: FixedTokens,
    rights: Arc<dyn PermissionChecker>,
}

impl Platform {
    /// A request by nobody, that names no tenant.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = TestRequest::default().method(method).uri(&format!("/api/v1{path}"));
        Call { platform: self, request, tokens: FixedTokens::default(), rights: Arc::new(AllowAll) }
    }
}

impl Call<'_> {
    /// By the holder of `ctx`'s session, at their tenant.
    pub(crate) fn by(self, ctx: &RequestContext) -> Self {
        self.tokens.put("token", token(ctx));
        let slug = ctx.tenant().slug.clone();
        self.header("X-Tenant", &slug).header("Authorization", "Bearer token")
    }

    /// Who hold these rights.
    pub(crate) fn with(mut self, rights: Arc<dyn PermissionChecker>) -> Self {
        self.rights = rights;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self
    }

    pub(crate) async fn send(self) -> Answer {
        let platform = self.platform;
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens: Arc::new(self.tokens),
            tenants: Arc::new(platform.directory.clone()),
            clock: platform.clock.clone(),
            base_domain: None,
            own_hosts: Vec::new(),
            default_tenant: None,
            trusted_proxies: Vec::new(),
        });
        let app = App::new()
            .document(document("Tenants", "1.0.0", "Tenants."))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::new(platform.tenancy(self.rights)))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = init_service(app).await;
        let response = service.call(self.request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&read_body(response).await).unwrap_or_default();
        Answer { status, headers, body }
    }
}

/// What the token of that session says.
fn token(ctx: &RequestContext) -> VerifiedToken {
    VerifiedToken {
        tenant: ctx.tenant_id(),
        principal: ctx.principal(),
        session: ctx.session_id().expect("tests sign in"),
        scope: SessionScope::Full,
        amr: vec!["pwd".to_owned()],
        authenticated_at: ctx.now(),
        expires_at: ctx.now() + Duration::minutes(15),
    }
}
