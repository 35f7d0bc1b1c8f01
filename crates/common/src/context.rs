//! Who asks, for which tenant, with what pass: what every use case is given.

use std::{net::IpAddr, sync::Arc};

use uuid::Uuid;

use crate::{
    id::{GrantId, SessionId, TenantId, UserId},
    idempotency::Claim,
    locale::Locale,
    principal::{Principal, PrincipalKind},
    settings::TenantSettings,
    tenant::Tenant,
    time::Timestamp,
};

/// What the caller shows at the gate. Each kind has its own condition there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Bearer or cookie: tenant active, user active, session live.
    Session {
        /// The session.
        id: SessionId,
        /// Whether the use case is open to a session that still has to enrol its second factor.
        enrolment: bool,
    },
    /// Sign-up, login, refresh, reset, accepting an invitation. Holds no permission.
    Open,
    /// An operator acting in the tenant.
    Grant(GrantId),
    /// The worker.
    Job(Uuid),
    /// A tenant's first rows.
    Provisioning,
}

impl Pass {
    /// The name the gate and the audit rows know it by.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Session { .. } => "session",
            Self::Open => "open",
            Self::Grant(_) => "grant",
            Self::Job(_) => "job",
            Self::Provisioning => "provisioning",
        }
    }

    /// The id behind it; nil where there is none.
    pub const fn id(&self) -> Uuid {
        match self {
            Self::Session { id, .. } => id.0,
            Self::Grant(id) => id.0,
            Self::Job(id) => *id,
            Self::Open | Self::Provisioning => Uuid::nil(),
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// `X-Request-Id`.
    pub request_id: String,
    /// The client's address, past trusted proxies.
    pub ip: Option<IpAddr>,
    /// `User-Agent`, at most 400 characters.
    pub user_agent: Option<String>,
}

/// What the caller's credential says of how and when its holder signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authentication {
    /// Authentication methods (RFC 8176): `pwd`, `otp`, …
    pub amr: Vec<String>,
    /// When the holder last proved who they are; `None` for passes without a person.
    pub at: Option<Timestamp>,
    /// When the credential is over; `None` for passes without one.
    pub until: Option<Timestamp>,
}

impl Authentication {
    /// Whether a second factor was shown: a time-based code (`otp`) or a backup code (`rcv`).
    pub fn has_second_factor(&self) -> bool {
        self.amr.iter().any(|method| matches!(method.as_str(), "otp" | "rcv"))
    }
}

#[derive(Debug)]
struct Inner {
    tenant: Arc<Tenant>,
    principal: Principal,
    pass: Pass,
    authentication: Authentication,
    origin: Origin,
    locale: Locale,
    now: Timestamp,
    claim: Option<Claim>,
}

/// The caller, the tenant, the pass and the time of one request or job. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestContext(Arc<Inner>);

impl RequestContext {
    /// A context without a person: `principal` shows `pass` at `tenant`.
    pub fn new(
        tenant: Arc<Tenant>,
        principal: Principal,
        pass: Pass,
        origin: Origin,
        now: Timestamp,
    ) -> Self {
        let locale = tenant.settings.locale;
        let authentication = Authentication::default();
        Self(Arc::new(Inner { tenant, principal, pass, authentication, origin, locale, now, claim: None }))
    }

    /// The same with what the credential says of the sign-in.
    #[must_use]
    pub fn with_authentication(self, authentication: Authentication) -> Self {
        self.changed(|inner| inner.authentication = authentication)
    }

    /// The same in the language the caller asked for.
    #[must_use]
    pub fn with_locale(self, locale: Locale) -> Self {
        self.changed(|inner| inner.locale = locale)
    }

    /// The same caller and time after the tenant was resolved anew.
    #[must_use]
    pub fn at_tenant(&self, tenant: Arc<Tenant>) -> Self {
        self.clone().changed(|inner| inner.tenant = tenant)
    }

    /// The same request, now acting as `principal`: somebody whose secret was just checked. Only for what is written
    /// about them (the audit row); the pass stays.
    #[must_use]
    pub fn acting_as(&self, principal: Principal) -> Self {
        self.clone().changed(|inner| inner.principal = principal)
    }

    /// The same under an `Idempotency-Key`: all that it writes is one transaction, which ends with the answer.
    #[must_use]
    pub fn with_claim(self, claim: Claim) -> Self {
        self.changed(|inner| inner.claim = Some(claim))
    }

    pub(crate) fn without_claim(&self) -> Self {
        match self.0.claim {
            None => self.clone(),
            Some(_) => self.clone().changed(|inner| inner.claim = None),
        }
    }

    /// The claim to an `Idempotency-Key`.
    pub fn claim(&self) -> Option<&Claim> {
        self.0.claim.as_ref()
    }

    fn changed(self, change: impl FnOnce(&mut Inner)) -> Self {
        let mut inner = Arc::try_unwrap(self.0).unwrap_or_else(|shared| Inner {
            tenant: Arc::clone(&shared.tenant),
            principal: shared.principal,
            pass: shared.pass,
            authentication: shared.authentication.clone(),
            origin: shared.origin.clone(),
            locale: shared.locale,
            now: shared.now,
            claim: shared.claim.clone(),
        });
        change(&mut inner);
        Self(Arc::new(inner))
    }

    /// The tenant, as the caller's node last resolved it.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.0.tenant
    }

    /// The tenant's id: for tokens, caches and the gate. Business code has no use for it.
    pub fn tenant_id(&self) -> TenantId {
        self.0.tenant.id
    }

    /// The tenant's settings.
    pub fn settings(&self) -> &TenantSettings {
        &self.0.tenant.settings
    }

    /// Who acts.
    pub fn principal(&self) -> Principal {
        self.0.principal
    }

    /// The signed-in user; `None` for an operator, a job or an open route.
    pub fn user_id(&self) -> Option<UserId> {
        (self.0.principal.kind == PrincipalKind::User).then_some(UserId(self.0.principal.id))
    }

    /// The session of a signed-in user.
    pub fn session_id(&self) -> Option<SessionId> {
        match self.0.pass {
            Pass::Session { id, .. } => Some(id),
            _ => None,
        }
    }

    /// What is shown at the gate.
    pub fn pass(&self) -> Pass {
        self.0.pass
    }

    /// How and when the caller signed in.
    pub fn authentication(&self) -> &Authentication {
        &self.0.authentication
    }

    /// Request id, address, agent.
    pub fn origin(&self) -> &Origin {
        &self.0.origin
    }

    /// The language for texts meant for the caller.
    pub fn locale(&self) -> Locale {
        self.0.locale
    }

    /// The instant of the request; one for all its rows.
    pub fn now(&self) -> Timestamp {
        self.0.now
    }
}
