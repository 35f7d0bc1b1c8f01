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
use ouvira_access_control::http::routes;
use ouvira_common::{
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, problems, request_ids},
    ports::VerifiedToken,
    principal::Principal,
    testing::{TestUser, fakes::FixedTokens},
};
use serde_json::Value;

use crate::world::World;

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// Status and code of a problem.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap_or_default())
    }

    /// The id in the body.
    pub(crate) fn id(&self) -> &str {
        self.body["id"].as_str().expect("the answer has an id")
    }
}

/// One request, on the way to being sent.
pub(crate) struct Call<'w> {
    world: &'w World,
    user: Option<TestUser>,
    request: TestRequest,
}

impl World {
    /// A request by `user`, or by nobody.
    pub(crate) fn call(&self, user: Option<&TestUser>, method: Method, path: &str) -> Call<'_> {
        let request = TestRequest::default()
            .method(method)
            .uri(&format!("/api/v1{path}"))
            .insert_header(("X-Tenant", self.tenant.tenant().slug.clone()));
        Call { world: self, user: user.copied(), request }
    }

    pub(crate) async fn get(&self, user: &TestUser, path: &str) -> Answer {
        self.call(Some(user), Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, user: &TestUser, path: &str, body: &Value) -> Answer {
        self.call(Some(user), Method::POST, path).json(body).send().await
    }

    pub(crate) async fn delete(&self, user: &TestUser, path: &str) -> Answer {
        self.call(Some(user), Method::DELETE, path).send().await
    }
}

impl Call<'_> {
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
        let tenant = &self.world.tenant;
        if let Some(user) = self.user {
            let token = VerifiedToken {
                tenant: tenant.tenant().id,
                principal: Principal::user(user.id),
                session: user.session,
                scope: SessionScope::Full,
                amr: vec!["pwd".to_owned()],
                authenticated_at: tenant.now(),
                expires_at: tenant.now() + Duration::minutes(15),
            };
            tokens.put("token", token);
            request = request.insert_header(("Authorization", "Bearer token"));
        }
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens,
            tenants: tenant.resolver(),
            clock: tenant.clock(),
            base_domain: None,
            own_hosts: Vec::new(),
            default_tenant: None,
            trusted_proxies: Vec::new(),
        });
        let app = App::new()
            .document(document("Access control", "1.0.0", "Access control."))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::new(self.world.access.clone()))
            .wrap(problems())
            .wrap(request_ids())
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = init_service(app).await;
        let response = service.call(request.to_request()).await.expect("problems are answers here");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = read_body(response).await;
        Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }
}
