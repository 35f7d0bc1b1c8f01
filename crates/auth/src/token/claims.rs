//! What an access token says (RFC 9068 §2.2), and who it is for.

use chrono::DateTime;
use ouvira_common::{
    db::SessionScope,
    id::{SessionId, TenantId},
    ports::{TokenError, VerifiedToken},
    principal::{Principal, PrincipalKind},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The client that tokens are issued to: the product's own.
const CLIENT_ID: &str = "ouvira";

/// Who a token is for (`aud`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Audience {
    /// The routes of a tenant.
    #[serde(rename = "ouvira")]
    Tenant,
    /// The routes of operators.
    #[serde(rename = "ouvira-operator")]
    Operator,
}

/// Whom a token is about, and where they may show it.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(crate) audience: Audience,
    pub(crate) tenant: TenantId,
    pub(crate) principal: Principal,
    pub(crate) session: SessionId,
    pub(crate) scope: SessionScope,
    pub(crate) amr: Vec<String>,
    pub(crate) authenticated_at: Timestamp,
}

/// The claims of one token about to be signed.
#[derive(Debug, Clone)]
pub(crate) struct AccessClaims {
    pub(crate) subject: Subject,
    pub(crate) id: Uuid,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// The one value that `scope` may have: a token without it opens everything its holder may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Enrol,
}

/// The claims as they are written. Times are integers and nothing else: a fraction, a string or a float is no time
/// (CVE-2026-25537 was a verifier that skipped what it could not read). Claims of later releases are passed over.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Claims<'a> {
    iss: &'a str,
    aud: Audience,
    sub: Uuid,
    client_id: &'a str,
    exp: i64,
    iat: i64,
    nbf: i64,
    jti: Uuid,
    /// An operator's own token names no tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tid: Option<Uuid>,
    sid: Uuid,
    kind: PrincipalKind,
    amr: Vec<String>,
    auth_time: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
}

/// By how many seconds the clocks of two nodes may differ.
const SKEW: i64 = 30;

impl AccessClaims {
    pub(super) fn issued_by<'a>(&'a self, issuer: &'a str) -> Claims<'a> {
        let subject = &self.subject;
        Claims {
            iss: issuer,
            aud: subject.audience,
            sub: subject.principal.id,
            client_id: CLIENT_ID,
            exp: self.expires_at.timestamp(),
            iat: self.issued_at.timestamp(),
            nbf: self.issued_at.timestamp(),
            jti: self.id,
            tid: (subject.audience == Audience::Tenant).then_some(subject.tenant.0),
            sid: subject.session.0,
            kind: subject.principal.kind,
            amr: subject.amr.clone(),
            auth_time: subject.authenticated_at.timestamp(),
            scope: (subject.scope == SessionScope::Enrol).then_some(Scope::Enrol),
        }
    }
}

impl Claims<'_> {
    /// What they say, when they are of `issuer`, for `audience` and in force at `now`.
    pub(super) fn accept(
        self,
        issuer: &str,
        audience: Audience,
        now: Timestamp,
    ) -> Result<VerifiedToken, TokenError> {
        let instant = |seconds| DateTime::from_timestamp(seconds, 0).ok_or(TokenError::Invalid);
        let in_force = now.timestamp() < self.exp && self.nbf <= now.timestamp().saturating_add(SKEW);
        if self.iss != issuer || self.aud != audience || self.client_id != CLIENT_ID || !in_force {
            return Err(TokenError::Invalid);
        }
        let tenant = match (audience, self.tid) {
            (Audience::Tenant, Some(tenant)) => tenant,
            (Audience::Operator, None) => Uuid::nil(),
            _ => return Err(TokenError::Invalid),
        };
        Ok(VerifiedToken {
            tenant: TenantId(tenant),
            principal: Principal { kind: self.kind, id: self.sub },
            session: SessionId(self.sid),
            scope: self.scope.map_or(SessionScope::Full, |Scope::Enrol| SessionScope::Enrol),
            amr: self.amr,
            authenticated_at: instant(self.auth_time)?,
            expires_at: instant(self.exp)?,
        })
    }
}
