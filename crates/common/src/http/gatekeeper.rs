//! What stands at the door of the HTTP service: finds tenant, token and client address of a request.

use std::{rc::Rc, sync::Arc};

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header::{self, HeaderMap},
    web::Data,
};
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, Shared},
};
use ipnet::IpNet;

use super::{
    Caller, Problem,
    origin::origin,
    tenant_name::{Host, Named},
};
use crate::{
    context::Origin,
    id::TenantId,
    locale::Locale,
    ports::{ResolveError, TenantName, TenantResolver, TokenVerifier, VerifiedToken},
    problem::Code,
    tenant::{PlacementMode, Tenant, TenantState},
    time::{Clock, Timestamp},
};

/// Longest access token that is looked at, in bytes.
const TOKEN_LENGTH: usize = 8 * 1024;

/// What a [`Gatekeeper`] is made of.
pub struct GatekeeperDeps {
    /// Checks access tokens.
    pub tokens: Arc<dyn TokenVerifier>,
    /// Finds tenants.
    pub tenants: Arc<dyn TenantResolver>,
    /// Tells the time of each request.
    pub clock: Arc<dyn Clock>,
    /// `TENANT_BASE_DOMAIN`: `<slug>.<base domain>` names a tenant.
    pub base_domain: Option<String>,
    /// Host names of the service itself, such as the one of `PUBLIC_URL`: they name no tenant.
    pub own_hosts: Vec<String>,
    /// `DEFAULT_TENANT`: the slug of the tenant of requests that name none.
    pub default_tenant: Option<String>,
    /// `TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// Finds tenant, token and client address of a request. The extractors look for it in the app data, as
/// `web::Data<Gatekeeper>`.
pub struct Gatekeeper(GatekeeperDeps);

/// Something that is found once, however many ask for it.
type Once<T> = Shared<LocalBoxFuture<'static, Result<T, Problem>>>;

/// What is known of one request. Kept in its extensions, and so holds no reference to it: the two would keep each other
/// alive.
#[derive(Clone)]
pub(super) struct Visit {
    /// When it came.
    pub(super) now: Timestamp,
    /// Where it came from.
    pub(super) origin: Rc<Origin>,
    /// The language it asks for.
    pub(super) locale: Option<Locale>,
    /// The tenant, in service.
    pub(super) tenant: Once<Arc<Tenant>>,
    /// What the access token says; `None` where none was sent.
    pub(super) token: Once<Option<VerifiedToken>>,
}

impl Gatekeeper {
    /// A gatekeeper of these parts.
    pub fn new(mut deps: GatekeeperDeps) -> Self {
        for host in deps.own_hosts.iter_mut().chain(deps.base_domain.as_mut()) {
            *host = host.trim_matches('.').to_ascii_lowercase();
        }
        Self(deps)
    }

    /// Who sends `request`: for middleware, where the extractors would refuse the parameters of the route behind it.
    pub async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
        Self::visit(request)?.either().await.map(Caller)
    }

    /// The tenant of `request`, in service: for middleware.
    pub async fn tenant_of(request: &HttpRequest) -> Result<Arc<Tenant>, Problem> {
        Self::visit(request)?.tenant.await
    }

    /// Where `request` comes from: for middleware and for routes without a tenant.
    pub fn origin(request: &HttpRequest) -> Result<Origin, Problem> {
        Self::visit(request).map(|visit| (*visit.origin).clone())
    }

    /// The tenant of `request`, if somebody asked for it and it is in service.
    pub(super) fn known_tenant(request: &HttpRequest) -> Option<(TenantId, PlacementMode)> {
        let visits = request.extensions();
        let tenant = visits.get::<Visit>()?.tenant.peek()?.as_ref().ok()?;
        Some((tenant.id, tenant.placement.mode))
    }

    /// What is known of `request`.
    pub(super) fn visit(request: &HttpRequest) -> Result<Visit, Problem> {
        if let Some(visit) = request.extensions().get::<Visit>() {
            return Ok(visit.clone());
        }
        let missing = || Problem::internal("there is no Gatekeeper in the app data");
        let this = Arc::clone(request.app_data::<Data<Self>>().ok_or_else(missing)?);
        let visit = this.receive(request);
        request.extensions_mut().insert(visit.clone());
        Ok(visit)
    }

    fn receive(self: Arc<Self>, request: &HttpRequest) -> Visit {
        let now = self.0.clock.now();
        let origin = origin(request, &self.0.trusted_proxies);
        let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let named = Named::of(request, self.0.base_domain.as_deref(), &self.0.own_hosts);
        let bearer = bearer(request.headers());
        let this = Arc::clone(&self);
        let tenant = async move { this.tenant(named?).await };
        let token = async move {
            match bearer? {
                Some(token) => Ok(Some(self.0.tokens.verify(&token, now).await?)),
                None => Ok(None),
            }
        };
        Visit {
            now,
            origin: Rc::new(origin),
            locale: languages.map(Locale::negotiate),
            tenant: tenant.boxed_local().shared(),
            token: token.boxed_local().shared(),
        }
    }

    /// The tenant that is named so, in service.
    async fn tenant(&self, named: Named) -> Result<Arc<Tenant>, Problem> {
        let tenant = match (&named.header, &named.host) {
            (Some(slug), Host::Slug(label)) if slug != label => {
                return Err(Problem::new(Code::TenantConflict));
            }
            (Some(slug), Host::Domain(domain)) => {
                let tenant = self.of_slug(slug).await?;
                match self.of_domain(domain).await? {
                    Some(other) if other.id != tenant.id => return Err(Problem::new(Code::TenantConflict)),
                    _ => tenant,
                }
            }
            (Some(slug), _) | (None, Host::Slug(slug)) => self.of_slug(slug).await?,
            (None, Host::Domain(domain)) => match self.of_domain(domain).await? {
                Some(tenant) => tenant,
                None => self.default().await?,
            },
            (None, Host::Silent) => self.default().await?,
        };
        let tenant = self.in_service(tenant).await?;
        tracing::Span::current().record("tenant", tracing::field::display(tenant.id));
        Ok(tenant)
    }

    async fn of_slug(&self, slug: &str) -> Result<Arc<Tenant>, ResolveError> {
        self.0.tenants.resolve(TenantName::Slug(slug)).await
    }

    /// `None` for a domain that is no tenant's.
    async fn of_domain(&self, domain: &str) -> Result<Option<Arc<Tenant>>, ResolveError> {
        match self.0.tenants.resolve(TenantName::Domain(domain)).await {
            Err(ResolveError::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    async fn default(&self) -> Result<Arc<Tenant>, Problem> {
        let slug = self.0.default_tenant.as_deref().ok_or_else(|| Problem::new(Code::TenantRequired))?;
        Ok(self.of_slug(slug).await?)
    }

    /// A tenant that is not in service is looked at anew, so that one that was resumed is served at once.
    async fn in_service(&self, tenant: Arc<Tenant>) -> Result<Arc<Tenant>, Problem> {
        let tenant = match tenant.state {
            TenantState::Active => tenant,
            _ => self.0.tenants.resolve_anew(tenant.id).await?,
        };
        match tenant.state {
            TenantState::Active => Ok(tenant),
            TenantState::Suspended | TenantState::Deleting => Err(Problem::new(Code::TenantSuspended)),
            TenantState::Provisioning => Err(ResolveError::NotFound.into()),
        }
    }
}

/// The bearer token (RFC 6750 §2.1); `None` where the request brings no credentials, or other ones.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let invalid = || Problem::new(Code::TokenInvalid);
    let mut values = headers.get_all(header::AUTHORIZATION);
    let Some(value) = values.next() else { return Ok(None) };
    let (scheme, token) =
        value.to_str().map(|value| value.split_once(' ').unwrap_or((value, ""))).map_err(|_| invalid())?;
    let (bearer, token) = (scheme.eq_ignore_ascii_case("bearer"), token.trim_matches(' '));
    if values.next().is_some() || (bearer && !(1..=TOKEN_LENGTH).contains(&token.len())) {
        return Err(invalid());
    }
    Ok(bearer.then(|| token.to_owned()))
}
