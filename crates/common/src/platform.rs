//! Who runs the platform, and when: what every use case of the control plane is given.

use crate::{context::Origin, id::OperatorId, idempotency::Claim, principal::Principal, time::Timestamp};

/// The caller of a use case that belongs to no tenant.
#[derive(Debug, Clone)]
pub struct PlatformContext {
    /// The operator; `None` for the command line, the worker and whoever has not signed in yet.
    pub operator: Option<OperatorId>,
    /// Where the call came from.
    pub origin: Origin,
    /// The instant of the call; one for all its rows.
    pub now: Timestamp,
    /// To an `Idempotency-Key`.
    pub claim: Option<Claim>,
}

impl PlatformContext {
    /// Somebody at the command line of the deployment, or the platform itself.
    pub fn system(now: Timestamp) -> Self {
        Self { operator: None, origin: Origin::default(), now, claim: None }
    }

    /// Somebody who has not signed in yet.
    pub fn anonymous(origin: Origin, now: Timestamp) -> Self {
        Self { operator: None, origin, now, claim: None }
    }

    /// An operator who signed in.
    pub fn operator(operator: OperatorId, origin: Origin, now: Timestamp) -> Self {
        Self { operator: Some(operator), origin, now, claim: None }
    }

    /// The same call, now by `operator`, whose secret was just checked.
    #[must_use]
    pub fn acting_as(&self, operator: OperatorId) -> Self {
        Self { operator: Some(operator), ..self.clone() }
    }

    /// The same under an `Idempotency-Key`.
    #[must_use]
    pub fn with_claim(self, claim: Claim) -> Self {
        Self { claim: Some(claim), ..self }
    }

    /// Who acts, as a tenant's own log names them.
    pub fn principal(&self) -> Principal {
        self.operator.map_or(Principal::SYSTEM, Principal::operator)
    }
}
