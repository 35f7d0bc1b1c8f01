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
use ouvira_audit::{Audit, Live, http::routes};
use ouvira_common::{
    context::{Pass, RequestContext},
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    id::SessionId,
    ports::VerifiedToken,
    testing::fakes::FixedTokens,
};
use serde_json::Value;

use crate::support::House;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }
}

/// One request, on the way to being sent.
pub(crate) struct Call<'h> {
    house: &'h House,
    audit: Audit,
    live: Live,
    ctx: Option<&'h RequestContext>,
    request: TestRequest,
}

impl House {
    /// A request by the holder of `ctx`'s session; by nobody when there is none.
    pub(crate) fn call<'h>(
        &'h self,
        ctx: Option<&'h RequestContext>,
        method: Method,
        path: &str,
    ) -> Call<'h> {
        let request = TestRequest::default()
            .method(method)
            .uri(&format!("/api/v1{path}"))
            .insert_header(("X-Tenant", self.tenant.tenant().slug.clone()));
        Call { house: self, audit: self.audit(), live: Live::new(), ctx, request }
    }
}

impl Call<'_> {
    /// Through use cases for a caller with other rights.
    pub(crate) fn through(mut self, audit: Audit) -> Self {
        self.audit = audit;
        self
    }

    /// On a node with these streams.
    pub(crate) fn at(mut self, live: &Live) -> Self {
        self.live = live.clone();
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
        let tokens = Arc::new(FixedTokens::default());
        let mut request = self.request;
        if let Some(ctx) = self.ctx {
            tokens.put("token", token(ctx));
            request = request.insert_header(("Authorization", "Bearer token"));
        }
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens,
            tenants: self.house.tenant.resolver(),
            clock: self.house.tenant.clock(),
            base_domain: None,
            own_hosts: Vec::new(),
            default_tenant: None,
            trusted_proxies: Vec::new(),
        });
        let app = App::new()
            .document(document("Audit", "1.0.0", "Audit."))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::new(self.audit))
            .app_data(Data::new(self.live))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(read_body(response).await.to_vec()).expect("bodies are text");
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}

/// What the token of that session says.
fn token(ctx: &RequestContext) -> VerifiedToken {
    let session = match ctx.pass() {
        Pass::Session { id, .. } => id,
        pass => SessionId(pass.id()),
    };
    VerifiedToken {
        tenant: ctx.tenant_id(),
        principal: ctx.principal(),
        session,
        scope: SessionScope::Full,
        amr: vec!["pwd".to_owned()],
        authenticated_at: ctx.now(),
        expires_at: ctx.now() + Duration::minutes(15),
    }
}
