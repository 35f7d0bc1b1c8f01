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
    context::{Pass, RequestContext},
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    id::SessionId,
    ports::VerifiedToken,
    testing::fakes::FixedTokens,
};
use ouvira_identity::{Users, http::routes};
use serde_json::Value;

use crate::support::World;

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

    /// Pointer and code of the first field error.
    pub(crate) fn first_error(&self) -> (&str, &str) {
        let error = &self.body["errors"][0];
        (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
    }
}

/// One request by the holder of `ctx`'s session, on the way to being sent.
pub(crate) struct Call<'w> {
    world: &'w World,
    users: Users,
    ctx: Option<&'w RequestContext>,
    request: TestRequest,
}

impl World {
    /// A request by the holder of that session.
    pub(crate) fn call<'w>(&'w self, ctx: &'w RequestContext, method: Method, path: &str) -> Call<'w> {
        self.request(Some(ctx), method, path)
    }

    pub(crate) fn request<'w>(
        &'w self,
        ctx: Option<&'w RequestContext>,
        method: Method,
        path: &str,
    ) -> Call<'w> {
        let request = TestRequest::default()
            .method(method)
            .uri(&format!("/api/v1{path}"))
            .insert_header(("X-Tenant", self.tenant.tenant().slug.clone()));
        Call { world: self, users: self.users.clone(), ctx, request }
    }
}

impl Call<'_> {
    /// Through use cases for a caller with other rights.
    pub(crate) fn through(mut self, users: Users) -> Self {
        self.users = users;
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

    pub(crate) fn bytes(mut self, media_type: &str, body: impl Into<actix_web::web::Bytes>) -> Self {
        self.request = self.request.insert_header(("Content-Type", media_type)).set_payload(body);
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
            tenants: self.world.tenant.resolver(),
            clock: self.world.tenant.clock(),
            base_domain: None,
            own_hosts: Vec::new(),
            default_tenant: None,
            trusted_proxies: Vec::new(),
        });
        let app = App::new()
            .document(document("Identity", "1.0.0", "Users."))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::new(self.users))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = read_body(response).await;
        let text = String::from_utf8(bytes.to_vec()).expect("bodies are text");
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
