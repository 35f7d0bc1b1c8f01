//! What stands at the door of the HTTP service: finds tenant, token and client address of a request.

use std::{rc::Rc, sync::Arc};

use actix_web::{HttpMessage as _, HttpRequest, http::header, web::Data};
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, Shared},
};
use ipnet::IpNet;

use super::{Problem, origin::origin};
use crate::{
    context::Origin,
    locale::Locale,
    ports::{ResolveError, TenantName, TenantResolver, TokenVerifier, VerifiedToken},
    problem::Code,
    tenant::{Tenant, TenantState},
    time::{Clock, Timestamp},
};

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

/// Finds tenant, token and client address. Lives in the app data as `web::Data<Gatekeeper>`; the extractors use it.
pub struct Gatekeeper(GatekeeperDeps);

type Once<T> = Shared<LocalBoxFuture<'static, Result<T, Problem>>>;

/// What is known of one request, found once however many extractors ask. Holds no reference to the request, which
/// owns it.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) now: Timestamp,
    pub(super) origin: Rc<Origin>,
    pub(super) locale: Option<Locale>,
    pub(super) tenant: Once<Arc<Tenant>>,
    pub(super) token: Once<Option<VerifiedToken>>,
}

impl Gatekeeper {
    /// A gatekeeper of these parts.
    pub fn new(mut deps: GatekeeperDeps) -> Self {
        for host in deps.own_hosts.iter_mut().chain(deps.base_domain.as_mut()) {
            *host = host.trim_end_matches('.').to_ascii_lowercase();
        }
        Self(deps)
    }

    /// What is known of this request.
    pub(super) fn visit(request: &HttpRequest) -> Result<Visit, Problem> {
        if let Some(visit) = request.extensions().get::<Visit>() {
            return Ok(visit.clone());
        }
        let this = request
            .app_data::<Data<Self>>()
            .ok_or_else(|| Problem::internal("no Gatekeeper is in the app data"))?
            .clone()
            .into_inner();
        let visit = this.receive(request)?;
        request.extensions_mut().insert(visit.clone());
        Ok(visit)
    }

    fn receive(self: Arc<Self>, request: &HttpRequest) -> Result<Visit, Problem> {
        let now = self.0.clock.now();
        let names = Names::of(request)?;
        let bearer = bearer(request)?;
        let gatekeeper = Arc::clone(&self);
        let tenant = async move { gatekeeper.tenant(names).await }.boxed_local().shared();
        let gatekeeper = Arc::clone(&self);
        let token = async move {
            match bearer {
                Some(bearer) => gatekeeper.0.tokens.verify(&bearer, now).await.map(Some).map_err(Problem::from),
                None => Ok(None),
            }
        };
        let languages = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Ok(Visit {
            now,
            origin: Rc::new(origin(request, &self.0.trusted_proxies)),
            locale: languages.map(Locale::negotiate),
            tenant,
            token: token.boxed_local().shared(),
        })
    }

    async fn tenant(&self, names: Names) -> Result<Arc<Tenant>, Problem> {
        let slug = names.header.as_deref().or(self.0.default_tenant.as_deref());
        let slug = slug.ok_or_else(|| Problem::new(Code::TenantRequired))?;
        let tenant = self.0.tenants.resolve(TenantName::Slug(slug)).await?;
        match tenant.state {
            TenantState::Active => Ok(tenant),
            TenantState::Suspended | TenantState::Deleting => Err(Problem::new(Code::TenantSuspended)),
            TenantState::Provisioning => Err(ResolveError::NotFound.into()),
        }
    }
}

struct Names {
    header: Option<String>,
}

impl Names {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let header = request.headers().get("x-tenant").map(|value| value.to_str().map(str::to_owned));
        let header = header.transpose().map_err(|_| Problem::new(Code::InvalidHeader))?;
        Ok(Self { header })
    }
}

fn bearer(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let value = value.to_str().map_err(|_| Problem::new(Code::TokenInvalid))?;
    Ok(value.strip_prefix("Bearer ").map(str::to_owned))
}
