//! A small service over fakes: two tenants in service and one suspended, tokens that are words, handlers that echo.

use std::{
    net::SocketAddr,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{
    App, Error,
    body::{BoxBody, to_bytes},
    dev::{Payload, Service as _, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::HeaderMap,
    test::{TestRequest, init_service},
    web::{Bytes, Data},
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use futures_util::{FutureExt as _, StreamExt as _, future::LocalBoxFuture, stream};
use ouvira_common::{
    db::SessionScope,
    http::{Gatekeeper, GatekeeperDeps, document, methods, no_store, problems, request_ids},
    id::{GrantId, OperatorId, SessionId, TenantId, UserId},
    ports::{ResolveError, TenantName, TenantResolver, TokenError, TokenVerifier, VerifiedToken},
    principal::Principal,
    sealing::DataKey,
    settings::TenantSettings,
    tenant::{Placement, PlacementMode, Tenant, TenantState},
    time::{Clock, Timestamp},
};
use serde_json::Value;
use uuid::Uuid;

use crate::wire;

/// The tenant of most tests, also at `acme.example`.
pub(crate) const ACME: TenantId = TenantId(Uuid::from_u128(0xA));
/// Another tenant, also at `www.globex.example`.
pub(crate) const GLOBEX: TenantId = TenantId(Uuid::from_u128(0xB));
/// A suspended one.
pub(crate) const INITECH: TenantId = TenantId(Uuid::from_u128(0xC));

/// Ada's user, session and the operator's grant.
pub(crate) const ADA: UserId = UserId(Uuid::from_u128(0xADA));
pub(crate) const SESSION: SessionId = SessionId(Uuid::from_u128(0x5E));
pub(crate) const GRANT: GrantId = GrantId(Uuid::from_u128(0x6A));

pub(crate) fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// How the service is set up.
#[derive(Clone, Default)]
pub(crate) struct Setup {
    pub(crate) default_tenant: Option<&'static str>,
    pub(crate) trusted_proxies: &'static [&'static str],
    /// How often the resolver and the verifier were asked.
    pub(crate) asked: Arc<AtomicUsize>,
    /// Whether the suspended tenant was resumed behind the cache.
    pub(crate) resumed: bool,
}

struct Fakes(Setup);

impl Clock for Fakes {
    fn now(&self) -> Timestamp {
        now()
    }
}

impl Fakes {
    fn tenant(&self, id: TenantId, fresh: bool) -> Arc<Tenant> {
        let slug = ["acme", "globex", "initech"][usize::try_from(id.0.as_u128() - 0xA).unwrap()];
        let suspended = id == INITECH && !(fresh && self.0.resumed);
        Arc::new(Tenant {
            id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            state: if suspended { TenantState::Suspended } else { TenantState::Active },
            placement: Placement { mode: PlacementMode::Shared, database: None, epoch: 1 },
            settings: TenantSettings::default(),
            settings_version: 1,
            data_key: DataKey::from_bytes(id, [u8::try_from(id.0.as_u128()).unwrap(); 32]),
        })
    }
}

#[async_trait]
impl TenantResolver for Fakes {
    async fn resolve(&self, name: TenantName<'_>) -> Result<Arc<Tenant>, ResolveError> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        // As a lookup over the network does: gives the other extractors a chance to ask meanwhile.
        tokio::task::yield_now().await;
        let id = match name {
            TenantName::Slug("acme") | TenantName::Domain("acme.example") => ACME,
            TenantName::Slug("globex") | TenantName::Domain("www.globex.example") => GLOBEX,
            TenantName::Slug("initech") => INITECH,
            TenantName::Slug("unreachable") => {
                return Err(ResolveError::Unavailable("no route to 10.1.2.3".to_owned()));
            }
            _ => return Err(ResolveError::NotFound),
        };
        Ok(self.tenant(id, false))
    }

    async fn resolve_anew(&self, id: TenantId) -> Result<Arc<Tenant>, ResolveError> {
        Ok(self.tenant(id, true))
    }
}

#[async_trait]
impl TokenVerifier for Fakes {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, TokenError> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        let ada = VerifiedToken {
            tenant: ACME,
            principal: Principal::user(ADA),
            session: SESSION,
            scope: SessionScope::Full,
            amr: vec!["pwd".to_owned()],
            authenticated_at: now - TimeDelta::minutes(3),
            expires_at: now + TimeDelta::minutes(12),
        };
        match token {
            "ada" => Ok(ada),
            "ada-enrolling" => Ok(VerifiedToken { scope: SessionScope::Enrol, ..ada }),
            "globex" => Ok(VerifiedToken { tenant: GLOBEX, ..ada }),
            "operator" => {
                let principal = Principal::operator(OperatorId(Uuid::from_u128(1)));
                Ok(VerifiedToken { principal, session: SessionId(GRANT.0), ..ada })
            }
            "no-keys" => Err(TokenError::Unavailable("the vault is sealed".to_owned())),
            _ => Err(TokenError::Invalid),
        }
    }
}

/// The service as a shell would put it together.
pub(crate) fn service(
    setup: &Setup,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    > + use<>,
> {
    let fakes = Arc::new(Fakes(setup.clone()));
    let gatekeeper = Gatekeeper::new(GatekeeperDeps {
        tokens: fakes.clone(),
        tenants: fakes.clone(),
        clock: fakes,
        base_domain: Some("Ouvira.test".to_owned()),
        own_hosts: vec!["api.ouvira.test".to_owned()],
        default_tenant: setup.default_tenant.map(str::to_owned),
        trusted_proxies: setup.trusted_proxies.iter().map(|network| network.parse().unwrap()).collect(),
    });
    App::new()
        .document(document("Echo", "1.0.0", "Echoes."))
        .app_data(Data::new(gatekeeper))
        .wrap(no_store())
        .wrap(methods())
        .wrap(problems())
        .wrap(request_ids())
        .service(scope("/api/v1").configure(wire::routes))
        .build("/openapi.json")
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("not JSON: {:?}", self.bytes))
    }

    /// A header's value; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> String {
        let values: Vec<_> = self.headers.get_all(name).map(|value| value.to_str().unwrap()).collect();
        values.join(", ")
    }

    /// Status and code of the problem document, which must be a whole one.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let document = self.json();
        let code = document["code"].as_str().unwrap().to_owned();
        assert_eq!(document["type"], format!("https://ouvira.dev/problems/{code}"));
        assert_eq!(document["status"], self.status);
        assert!(document["instance"].as_str().unwrap().starts_with('/'));
        assert_eq!(document["request_id"], self.header("x-request-id"));
        for text in ["title", "detail"] {
            assert!(!document[text].as_str().unwrap().is_empty(), "{document}");
        }
        assert!(document["errors"].is_array());
        assert!(self.header("vary").contains("Accept-Language"), "{self:?}");
        assert!(!self.header("content-language").is_empty());
        (self.status, code)
    }

    /// Pointers and codes of the field errors.
    pub(crate) fn fields(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let errors = self.json()["errors"].as_array().unwrap().clone();
        errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
    }
}

/// A service that answers many requests.
pub(crate) struct Running(Box<dyn Fn(TestRequest, Option<Payload>) -> LocalBoxFuture<'static, Answer>>);

impl Running {
    /// Starts a service that is set up like that.
    pub(crate) async fn start(setup: Setup) -> Self {
        let service = Rc::new(init_service(service(&setup)).await);
        Self(Box::new(move |request, payload| {
            let service = Rc::clone(&service);
            async move {
                let request = request.to_request();
                let request = match payload {
                    Some(payload) => request.replace_payload(payload).0,
                    None => request,
                };
                // What actix's server does with an error.
                let answered = service.call(request).await;
                let response = answered.map(|response| response.into_parts().1.map_into_boxed_body());
                let response = response.unwrap_or_else(|error| error.error_response());
                let (status, headers) = (response.status().as_u16(), response.headers().clone());
                Answer { status, headers, bytes: to_bytes(response.into_body()).await.unwrap() }
            }
            .boxed_local()
        }))
    }

    /// Its answer to `request`.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        (self.0)(request, None).await
    }

    /// Its answer to `request`, whose body is announced and never comes.
    pub(crate) async fn send_without_body(&self, request: TestRequest) -> Answer {
        let silence = Payload::Stream { payload: stream::pending().boxed_local() };
        (self.0)(request, Some(silence)).await
    }
}

/// Sends `request` to a service that is set up like that.
pub(crate) async fn send_to(setup: &Setup, request: TestRequest) -> Answer {
    Running::start(setup.clone()).await.send(request).await
}

/// Sends `request` to the usual service.
pub(crate) async fn send(request: TestRequest) -> Answer {
    send_to(&Setup::default(), request).await
}

/// A GET of a path below `/api/v1`.
pub(crate) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(&format!("/api/v1{path}"))
}

/// A GET by Ada.
pub(crate) fn get_as_ada(path: &str) -> TestRequest {
    get(path).insert_header(("X-Tenant", "acme")).insert_header(("Authorization", "Bearer ada"))
}

/// A POST of JSON text by Ada.
pub(crate) fn post_as_ada(path: &str, body: impl Into<Bytes>) -> TestRequest {
    let request = TestRequest::post().uri(&format!("/api/v1{path}")).insert_header(("X-Tenant", "acme"));
    request
        .insert_header(("Authorization", "Bearer ada"))
        .insert_header(("Content-Type", "application/json"))
        .set_payload(body)
}

/// A request from that peer.
pub(crate) fn from_peer(request: TestRequest, address: &str) -> TestRequest {
    request.peer_addr(SocketAddr::new(address.parse().unwrap(), 4000))
}
