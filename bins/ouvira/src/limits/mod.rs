//! Rate limits (H5): how much one client, one user, one session may do.
//!
//! Routes for signing in and refreshing have limits of their own and count towards those alone; everything else counts
//! towards the caller's day: the user's where a valid access token is shown, the address's otherwise. Codes that are sent
//! and checked are counted in Postgres, by auth, next to what they guard. Nodes with `REDIS_URL` count together; without
//! it, or while Redis does not answer, each counts alone.

mod body;
mod fields;
mod memory;
mod policy;
mod redis;
mod store;
mod subject;

use std::sync::Arc;

use ::redis::Client;
use actix_web::{
    Error, FromRequest as _,
    body::{BoxBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        Method,
        header::{AUTHORIZATION, HeaderValue},
    },
    middleware::{Next, from_fn},
};
use ouvira_auth::{AccessTokens, Audience};
use ouvira_common::{
    http::{Anonymous, Gatekeeper, Problem},
    principal::PrincipalKind,
    problem::Code,
    secret::Secret,
    settings::RateLimits,
    time::Clock,
};

pub(crate) use self::policy::{Quotas, policy_named};
use self::{
    memory::Memory,
    policy::Policies,
    redis::Redis,
    store::{LimitStore, Take},
    subject::{Subjects, network},
};
use crate::{config::LimitConfig, guard::is_health};

const LOGIN_PATH: &str = "/api/v1/auth/login";
const REFRESH_PATH: &str = "/api/v1/auth/token/refresh";
const OPERATOR_LOGIN_PATH: &str = "/api/v1/auth/operator/login";
const OPERATOR_REFRESH_PATH: &str = "/api/v1/auth/operator/token/refresh";
/// In place of a tenant's id, for those who belong to none.
const NO_TENANT: [u8; 16] = [0; 16];
/// What has no limit besides health: the documentation, and the inbox of a developer's machine.
const UNLIMITED: [&str; 6] =
    ["/api/docs", "/api/openapi.json", "/swagger", "/redoc", "/scalar", "/api/v1/dev"];

/// The limits of a node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Limits {
    store: Arc<dyn LimitStore>,
    policies: Policies,
    subjects: Subjects,
    tokens: Arc<AccessTokens>,
    clock: Arc<dyn Clock>,
}

impl Limits {
    /// The limits that `config` asks for; `None` where they are switched off. `tokens` tells operators. Within a runtime.
    pub(crate) async fn start(
        config: &LimitConfig,
        secret: &Secret,
        clock: &Arc<dyn Clock>,
        tokens: &Arc<AccessTokens>,
    ) -> Option<Self> {
        if !config.enabled {
            return None;
        }
        let memory = Memory::new(Arc::clone(clock));
        let store: Arc<dyn LimitStore> = match &config.redis {
            None => Arc::new(memory),
            Some(url) => {
                let client = Client::open(url.expose()).expect("the configuration was checked");
                Arc::new(Redis::start(client, memory).await)
            }
        };
        let (tokens, clock) = (Arc::clone(tokens), Arc::clone(clock));
        let policies = Policies::with(&config.quotas);
        Some(Self { store, policies, subjects: Subjects::new(secret), tokens, clock })
    }

    /// Whether the nodes count together, where they are to: for readiness. Without, this one counts alone and works on.
    pub(crate) fn healthy(&self) -> bool {
        self.store.healthy()
    }

    /// What `request` takes, and from whom.
    async fn takes(&self, request: &mut ServiceRequest) -> Result<Vec<Take>, Problem> {
        let client = network(Gatekeeper::origin(request.request())?.ip);
        let take = |policy, parts: &[&[u8]]| self.subjects.take(policy, parts);
        let Policies { login, login_address, refresh, refresh_address, anonymous, user } = self.policies;
        // The path as it is routed by: decoded.
        match request.match_info().as_str() {
            LOGIN_PATH if request.method() == Method::POST => {
                let body = body::read_ahead(request).await?;
                let of_address = take(login_address, &[&client]);
                // Where no tenant is found, nobody signs in.
                Ok(match tenant(request).await {
                    Some((id, limits)) => {
                        let policy = login.or(limits.login_per_minute);
                        vec![take(policy, &[&id, &client, body::identifier(&body).as_bytes()]), of_address]
                    }
                    None => vec![of_address],
                })
            }
            OPERATOR_LOGIN_PATH if request.method() == Method::POST => {
                let body = body::read_ahead(request).await?;
                let of_address = take(login_address, &[&client]);
                Ok(vec![take(login, &[&NO_TENANT, &client, body::identifier(&body).as_bytes()]), of_address])
            }
            REFRESH_PATH | OPERATOR_REFRESH_PATH if request.method() == Method::POST => {
                let session = body::session(&body::read_ahead(request).await?);
                let of_session = match (session, tenant(request).await) {
                    (Some(session), Some((_, limits))) => {
                        Some(take(refresh.or(limits.refresh_per_minute), &[&session]))
                    }
                    (session, None) => session.map(|session| take(refresh, &[&session])),
                    (None, Some(_)) => None,
                };
                Ok(of_session.into_iter().chain([take(refresh_address, &[&client])]).collect())
            }
            _ => Ok(vec![match self.signed_in(request).await {
                Some(([tenant, caller], limits)) => take(user.or(limits.user_per_day), &[&tenant, &caller]),
                None => take(anonymous, &[&client]),
            }]),
        }
    }
}

impl Limits {
    /// Tenant and caller of a request with a valid access token, and the tenant's own limits. Without one nothing is resolved
    /// for it: it is cheap to refuse.
    async fn signed_in(&self, request: &ServiceRequest) -> Option<([[u8; 16]; 2], RateLimits)> {
        let authorization = request.headers().get(AUTHORIZATION)?;
        let Ok(caller) = Gatekeeper::caller(request.request()).await else {
            let operator = self.operator(authorization).await?;
            return Some(([NO_TENANT, operator], RateLimits::default()));
        };
        let principal = caller.principal();
        (principal.kind != PrincipalKind::System).then(|| {
            let who = [caller.tenant_id().0.into_bytes(), principal.id.into_bytes()];
            (who, caller.settings().rate_limits)
        })
    }

    /// The operator of a token of theirs; whether its session lives is looked at by the routes.
    async fn operator(&self, authorization: &HeaderValue) -> Option<[u8; 16]> {
        let (scheme, token) = authorization.to_str().ok()?.split_once(' ')?;
        let token = scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))?;
        let verified = self.tokens.verify_for(Audience::Operator, token, self.clock.now()).await.ok()?;
        Some(verified.principal.id.into_bytes())
    }
}

/// The id of the tenant that is named, and its own limits.
async fn tenant(request: &ServiceRequest) -> Option<([u8; 16], RateLimits)> {
    let caller = Anonymous::from_request(request.request(), &mut Payload::None).await.ok()?;
    Some((caller.tenant_id().0.into_bytes(), caller.settings().rate_limits))
}

/// Whether requests to `path`, as it is routed by, are not counted.
pub(crate) fn is_unlimited(path: &str) -> bool {
    let below = |prefix: &&str| {
        path.strip_prefix(*prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_health(path) || UNLIMITED.iter().any(below)
}

/// Refuses with 429 `rate_limited` what goes beyond `limits`, and tells every caller where they stand. Goes innermost, where
/// paths are those of the routes.
pub(crate) fn limits<S, B>(
    limits: Option<&Limits>,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
+ use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let limits = limits.cloned();
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let limits = limits.clone().filter(|_| !is_unlimited(request.match_info().as_str()));
        async move {
            match limits {
                Some(limits) => limit(&limits, request, next).await,
                None => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
            }
        }
    })
}

async fn limit<B: MessageBody + 'static>(
    limits: &Limits,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let takes = match limits.takes(&mut request).await {
        Ok(takes) => takes,
        Err(problem) => return Ok(request.error_response(problem)),
    };
    let outcome = limits.store.take(&takes).await;
    let mut response = if outcome.admitted {
        next.call(request).await?.map_into_boxed_body()
    } else {
        request.error_response(Problem::new(Code::RateLimited).retry_after(outcome.wait()))
    };
    fields::tell(&outcome.standings, response.headers_mut());
    Ok(response)
}
