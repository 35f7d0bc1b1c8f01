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
use async_trait::async_trait;
use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, OperatorDesk, document, problems, request_ids},
    id::{OperatorId, SessionId},
    ports::{OperatorVerifier, PermissionChecker, TokenError, VerifiedOperator, VerifiedToken},
    testing::fakes::{AllowAll, FixedTokens},
    time::Timestamp,
};
use ouvira_tenancy::http::routes;
use serde_json::Value;
use uuid::Uuid;

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
    operators: FixedOperators,
}

/// Knows the tokens `root`, `enrolling` and `lapsed`, and the operator behind them.
#[derive(Clone, Copy)]
struct FixedOperators(OperatorId);

#[async_trait]
impl OperatorVerifier for FixedOperators {
    async fn verify_operator(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<VerifiedOperator>, TokenError> {
        let scope = match token {
            "root" => SessionScope::Full,
            "enrolling" => SessionScope::Enrol,
            "lapsed" => return Err(TokenError::Invalid),
            _ => return Ok(None),
        };
        Ok(Some(VerifiedOperator {
            operator: self.0,
            session: SessionId(Uuid::nil()),
            scope,
            amr: vec!["pwd".to_owned(), "otp".to_owned()],
            authenticated_at: now,
            expires_at: now + Duration::minutes(15),
        }))
    }
}

impl Platform {
    /// A request by nobody, that names no tenant.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = TestRequest::default().method(method).uri(&format!("/api/v1{path}"));
        Call {
            platform: self,
            request,
            tokens: FixedTokens::default(),
            rights: Arc::new(AllowAll),
            operators: FixedOperators(OperatorId(Uuid::nil())),
        }
    }
}

impl Call<'_> {
    /// By the holder of `ctx`'s session, at their tenant.
    pub(crate) fn by(self, ctx: &RequestContext) -> Self {
        self.tokens.put("token", token(ctx));
        let slug = ctx.tenant().slug.clone();
        self.header("X-Tenant", &slug).header("Authorization", "Bearer token")
    }

    /// By an operator with that token.
    pub(crate) fn by_operator(mut self, operator: OperatorId, token: &str) -> Self {
        self.operators = FixedOperators(operator);
        self.header("Authorization", &format!("Bearer {token}"))
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
            .app_data(Data::new(platform.tenants.clone()))
            .app_data(Data::new(OperatorDesk {
                verifier: Arc::new(self.operators),
                clock: platform.clock.clone(),
            }))
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
