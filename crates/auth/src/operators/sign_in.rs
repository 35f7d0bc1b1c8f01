//! How every sign-in of an operator ends: a session and its tokens.

use ouvira_common::{
    db::SessionScope,
    entropy::random_bytes,
    id::{OperatorId, SessionId, TenantId, uuid_at},
    platform::PlatformContext,
    ports::{IssuedTokens, NewOperatorSession, OperatorAccount, OperatorProof},
    principal::Principal,
    sealing::{DataKey, Place},
    time::Timestamp,
};
use uuid::Uuid;

use super::{ABSOLUTE, IDLE, OperatorAuth, OperatorLoginOutcome};
use crate::{
    AuthError,
    config::ACCESS_LIFETIME,
    model::{Device, REFRESH_SECRET, RefreshToken},
    sign_in::whole_seconds,
    token::{AccessClaims, Audience, Ring, Subject},
};

/// An operator with a fresh pair of tokens.
#[derive(Debug, Clone)]
pub struct SignedInAs {
    /// Who.
    pub operator: OperatorId,
    /// What they sign in with.
    pub email: String,
    /// The pair.
    pub tokens: IssuedTokens,
}

/// A session that tokens are made for.
pub(super) struct Live<'a> {
    pub(super) session: SessionId,
    pub(super) operator: OperatorId,
    pub(super) scope: SessionScope,
    pub(super) amr: Vec<String>,
    pub(super) auth_time: Timestamp,
    pub(super) secret: &'a [u8],
    pub(super) n: i64,
    pub(super) expires_at: Timestamp,
}

/// Where the secret of a session is sealed.
pub(super) const fn secret_place(id: SessionId) -> Place {
    Place { table: "operator_sessions", column: "secret_sealed", row: id.0 }
}

impl OperatorAuth {
    /// Begins the session of an operator who has proven who they are; `None` when `proof` is no longer good. Where everybody
    /// needs a second factor and there is none, it opens nothing but its enrolment.
    pub(super) async fn welcome(
        &self,
        ctx: &PlatformContext,
        account: &OperatorAccount,
        amr: &[&str],
        proof: &OperatorProof,
    ) -> Result<Option<OperatorLoginOutcome>, AuthError> {
        let ring = self.tokens.ring().await?;
        let key = self.accounts.key().await?;
        let session = SessionId::new_at(ctx.now);
        let secret: [u8; REFRESH_SECRET] = random_bytes(&*self.entropy);
        let enrol = self.config.require_second_factor && !account.second_factor;
        let scope = if enrol { SessionScope::Enrol } else { SessionScope::Full };
        let new = NewOperatorSession {
            id: session,
            operator: account.id,
            scope,
            amr: amr.join(" "),
            secret_sealed: key.seal(secret_place(session), &secret, &*self.entropy),
            device: Device::of(&key, &ctx.origin).0,
            expires_at: ctx.now + IDLE,
            absolute_expires_at: ctx.now + ABSOLUTE,
        };
        if !self.sessions.open(ctx, &new, proof).await? {
            return Ok(None);
        }
        let live = Live {
            session,
            operator: account.id,
            scope,
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
            auth_time: ctx.now,
            secret: &secret,
            n: 1,
            expires_at: new.expires_at,
        };
        let signed_in = SignedInAs {
            operator: account.id,
            email: account.email.clone(),
            tokens: self.pair(ctx, &ring, &key, live)?,
        };
        Ok(Some(match scope {
            SessionScope::Full => OperatorLoginOutcome::Authenticated(signed_in),
            SessionScope::Enrol => OperatorLoginOutcome::SetupRequired(signed_in),
        }))
    }

    /// The pair of tokens number `n` of a session.
    pub(super) fn pair(
        &self,
        ctx: &PlatformContext,
        ring: &Ring,
        key: &DataKey,
        live: Live<'_>,
    ) -> Result<IssuedTokens, AuthError> {
        let expires_at = live.expires_at.min(ctx.now + ACCESS_LIFETIME);
        let refresh = RefreshToken::make(key, live.secret, live.session, live.n);
        let subject = Subject {
            audience: Audience::Operator,
            tenant: TenantId(Uuid::nil()),
            principal: Principal::operator(live.operator),
            session: live.session,
            scope: live.scope,
            amr: live.amr,
            authenticated_at: live.auth_time,
        };
        let claims = AccessClaims { subject, id: uuid_at(ctx.now), issued_at: ctx.now, expires_at };
        Ok(IssuedTokens {
            session: live.session,
            scope: live.scope,
            access_token: self.tokens.sign(ring, &claims)?,
            refresh_token: refresh.text(),
            expires_in: whole_seconds(expires_at - ctx.now),
            refresh_expires_in: whole_seconds(live.expires_at - ctx.now),
        })
    }
}
