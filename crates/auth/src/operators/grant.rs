//! A token to act in one tenant, for a while.

use ouvira_common::{
    db::SessionScope,
    id::{SessionId, TenantId, uuid_at},
    platform::PlatformContext,
    ports::{NewOperatorGrant, VerifiedOperator},
    principal::Principal,
    secret::Secret,
};

use super::{OperatorAuth, require_recent_sign_in};
use crate::{
    AuthError,
    sign_in::whole_seconds,
    token::{AccessClaims, Audience, Subject},
};

/// A token for a tenant's routes, with the rights of an administrator there.
#[derive(Debug, Clone)]
pub struct ActingToken {
    /// JWT.
    pub access_token: Secret,
    /// Seconds it lives: as long as the leave.
    pub expires_in: u64,
}

impl OperatorAuth {
    /// Lets the operator act in `tenant` for 1 to 480 `minutes`. Asks for a recent sign-in. Both logs have it, and the tenant's
    /// gate knows it, before there is a token.
    pub async fn grant(
        &self,
        ctx: &PlatformContext,
        token: &VerifiedOperator,
        tenant: TenantId,
        reason: String,
        minutes: u32,
    ) -> Result<ActingToken, AuthError> {
        require_recent_sign_in(token, ctx.now)?;
        let ring = self.tokens.ring().await?;
        let new = NewOperatorGrant {
            operator: token.operator,
            session: Some(token.session),
            tenant,
            reason,
            minutes,
        };
        let grant = self.grants.grant(ctx, &new).await?;
        let subject = Subject {
            audience: Audience::Tenant,
            tenant,
            principal: Principal::operator(token.operator),
            session: SessionId(grant.id.0),
            scope: SessionScope::Full,
            amr: token.amr.clone(),
            authenticated_at: token.authenticated_at,
        };
        let expires_at = grant.expires_at;
        let claims = AccessClaims { subject, id: uuid_at(ctx.now), issued_at: ctx.now, expires_at };
        Ok(ActingToken {
            access_token: self.tokens.sign(&ring, &claims)?,
            expires_in: whole_seconds(expires_at - ctx.now),
        })
    }
}
