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
use chrono::{DateTime, Duration, Utc};
use ouvira_common::{
    context::{Pass, RequestContext},
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    id::SessionId,
    ports::VerifiedToken,
    testing::fakes::FixedTokens,
};
use ouvira_webhooks::{Webhooks, http::routes};
use serde_json::Value;

use crate::support::House;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
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

    /// Pointer and code of each field that is wrong.
    pub(crate) fn fields(&self) -> Vec<(&str, &str)> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        errors
            .iter()
            .map(|error| {
                (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
            })
            .collect()
    }
}

/// Somebody who calls the routes.
pub(crate) struct Caller<'h> {
    pub(crate) house: &'h House,
    pub(crate) ctx: &'h RequestContext,
    pub(crate) webhooks: Webhooks,
    /// When they signed in.
    pub(crate) since: DateTime<Utc>,
}

impl<'h> Caller<'h> {
    /// Who just signed in and may do everything.
    pub(crate) fn new(house: &'h House, ctx: &'h RequestContext) -> Self {
        Self { house, ctx, webhooks: house.webhooks(), since: house.tenant.now() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body), None).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        if_match: Option<&str>,
    ) -> Answer {
        let tokens = Arc::new(FixedTokens::default());
        tokens.put("token", token(self.ctx, self.since));
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
            .document(document("Webhooks", "1.0.0", "Webhooks."))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::new(self.webhooks.clone()))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let mut request = TestRequest::default()
            .method(method)
            .uri(&format!("/api/v1/audit/webhooks{path}"))
            .insert_header(("X-Tenant", self.house.tenant.tenant().slug.clone()))
            .insert_header(("Authorization", "Bearer token"));
        if let Some(body) = body {
            request = request.set_json(body);
        }
        if let Some(version) = if_match {
            request = request.insert_header(("If-Match", version));
        }
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&read_body(response).await).unwrap_or_default();
        Answer { status, headers, body }
    }
}

fn token(ctx: &RequestContext, since: DateTime<Utc>) -> VerifiedToken {
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
        authenticated_at: since,
        expires_at: ctx.now() + Duration::minutes(15),
    }
}
