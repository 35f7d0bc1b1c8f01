//! A domain's routes as a service mounts them, and callers of them.

use std::sync::Arc;

use actix_web::{
    App,
    dev::Service as _,
    http::{Method, header::HeaderMap},
    test::{TestRequest, init_service, read_body},
    web::{Bytes, Data},
};
use apistos::{
    app::OpenApiWrapper as _,
    web::{ServiceConfig, scope},
};
use chrono::Duration;
use serde_json::Value;

use super::{FixedClock, TestTenant, fakes::FixedTokens};
use crate::{
    context::{Pass, RequestContext},
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    id::SessionId,
    ports::{TenantResolver, VerifiedToken},
};

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; null when it is none.
    pub body: Value,
}

impl Answer {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// Pointer and code of the first field error.
    pub fn first_error(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    }

    /// The id in the body.
    pub fn id(&self) -> &str {
        self.body["id"].as_str().expect("the answer has an id")
    }
}

/// Adds routes, or what handlers ask for, to a service.
type Mount = Box<dyn FnOnce(&mut ServiceConfig)>;

/// One request to a service with one domain, on the way to being sent.
#[must_use = "nothing happens before `send`"]
pub struct Call {
    request: TestRequest,
    tokens: Arc<FixedTokens>,
    tenants: Arc<dyn TenantResolver>,
    clock: Arc<FixedClock>,
    mounts: Vec<Mount>,
}

impl Call {
    /// By nobody, to a service that knows these tenants, naming none.
    pub fn new(tenants: Arc<dyn TenantResolver>, clock: Arc<FixedClock>, method: Method, path: &str) -> Self {
        Self {
            request: TestRequest::default().method(method).uri(&format!("/api/v1{path}")),
            tokens: Arc::default(),
            tenants,
            clock,
            mounts: Vec::new(),
        }
    }

    /// By nobody, at this tenant.
    pub fn at(tenant: &TestTenant, method: Method, path: &str) -> Self {
        Self::new(tenant.resolver(), tenant.clock(), method, path).header("X-Tenant", &tenant.tenant().slug)
    }

    /// By the holder of `ctx`'s session, at their tenant.
    pub fn by(self, ctx: &RequestContext) -> Self {
        self.tokens.put("token", says(ctx));
        self.header("X-Tenant", &ctx.tenant().slug).header("Authorization", "Bearer token")
    }

    /// To these routes, below `/api/v1`.
    pub fn to(mut self, routes: impl FnOnce(&mut ServiceConfig) + 'static) -> Self {
        self.mounts.push(Box::new(routes));
        self
    }

    /// With what handlers ask for; the last one of a type counts.
    pub fn with<T: 'static>(self, data: T) -> Self {
        self.to(|config| {
            config.app_data(Data::new(data));
        })
    }

    /// With a header, in place of an earlier one of that name.
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.request = self.request.insert_header((name, value));
        self
    }

    /// With a body.
    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.set_json(body);
        self
    }

    /// With a body of another kind.
    pub fn bytes(mut self, media_type: &str, body: impl Into<Bytes>) -> Self {
        self.request = self.request.insert_header(("Content-Type", media_type)).set_payload(body);
        self
    }

    /// Sends it and reads the whole answer.
    pub async fn send(self) -> Answer {
        let gatekeeper = Gatekeeper::new(deps(self.tokens, self.tenants, self.clock));
        let mounts = self.mounts;
        let app = App::new()
            .document(document("One domain", "1.0.0", "One domain."))
            .app_data(Data::new(gatekeeper))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(|config| mounts.into_iter().for_each(|mount| mount(config))))
            .build("/openapi.json");
        let service = init_service(app).await;
        let response = service.call(self.request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = String::from_utf8(read_body(response).await.to_vec()).expect("bodies are text");
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }
}

impl TestTenant {
    /// Lets in whoever shows `token`, as the holder of `ctx`'s session; a request need not name the tenant.
    pub fn gatekeeper(&self, token: &str, ctx: &RequestContext) -> Gatekeeper {
        let tokens = FixedTokens::default();
        tokens.put(token, says(ctx));
        let default_tenant = Some(self.tenant().slug.clone());
        let deps = deps(Arc::new(tokens), self.resolver(), self.clock());
        Gatekeeper::new(GatekeeperDeps { default_tenant, ..deps })
    }
}

fn deps(
    tokens: Arc<FixedTokens>,
    tenants: Arc<dyn TenantResolver>,
    clock: Arc<FixedClock>,
) -> GatekeeperDeps {
    GatekeeperDeps {
        tokens,
        tenants,
        clock,
        base_domain: None,
        own_hosts: Vec::new(),
        default_tenant: None,
        trusted_proxies: Vec::new(),
    }
}

/// What the token of that session says.
fn says(ctx: &RequestContext) -> VerifiedToken {
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
