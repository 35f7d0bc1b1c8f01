//! How every sign-in ends: a session, its tokens, its rows in the logs.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    db::{DbError, SessionScope, Tx},
    entropy::{Entropy, random_bytes},
    id::{SessionId, UserId, uuid_at},
    ports::{
        AuditSink, CredentialError, IssuedTokens, Outcome, Person, SecurityEvent, Sessions, TokenError,
        UserDirectory,
    },
    principal::Principal,
    time::Timestamp,
};
use serde_json::json;

use crate::{
    Auth, AuthError, LoginOutcome,
    announce::Announcement,
    config::ACCESS_LIFETIME,
    model::{Device, EndReason, REFRESH_SECRET, RefreshToken, device_label},
    store::{
        credentials,
        sessions::{self, NewSession, SessionRow},
    },
    token::{AccessClaims, AccessTokens, Audience, Ring, Subject},
};

/// Begins and ends sessions: the port for those who sign somebody in by other means, and what this crate's own use cases
/// stand on. It needs no database of its own.
#[derive(Clone)]
pub struct SignIns {
    tokens: Arc<AccessTokens>,
    users: Arc<dyn UserDirectory>,
    audit: Arc<dyn AuditSink>,
    entropy: Arc<dyn Entropy>,
}

/// A session that tokens are made for.
pub(crate) struct Live<'a> {
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
    pub(crate) scope: SessionScope,
    pub(crate) amr: Vec<String>,
    pub(crate) auth_time: Timestamp,
    pub(crate) secret: &'a [u8],
    pub(crate) n: i64,
    pub(crate) expires_at: Timestamp,
}

impl<'a> Live<'a> {
    /// A session as its row has it now.
    pub(crate) fn of(session: SessionId, row: &SessionRow, secret: &'a [u8]) -> Self {
        Self {
            session,
            user: UserId(row.user_id),
            scope: row.scope(),
            amr: row.amr(),
            auth_time: row.auth_time,
            secret,
            n: row.n,
            expires_at: row.expires_at,
        }
    }
}

impl SignIns {
    /// Sessions whose tokens are signed by `tokens`.
    pub fn new(
        tokens: Arc<AccessTokens>,
        users: Arc<dyn UserDirectory>,
        audit: Arc<dyn AuditSink>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self { tokens, users, audit, entropy }
    }

    /// A new session of `user`, who proved who they are by `amr` just now; all of its rows are deferred. Where the tenant wants a
    /// second factor of everybody and there is none, it opens nothing but its enrolment.
    pub(crate) async fn begin(
        &self,
        tx: &mut Tx,
        user: UserId,
        amr: &[&str],
        second_factor: bool,
    ) -> Result<IssuedTokens, TokenError> {
        let ring = self.tokens.ring().await?;
        let (ctx, now) = (tx.context().clone(), tx.now());
        let (idle, absolute) = lifetimes(&ctx);
        let session = SessionId::new_at(now);
        let secret: [u8; REFRESH_SECRET] = random_bytes(&*self.entropy);
        let enrol = ctx.settings().require_two_factor && !second_factor;
        let scope = if enrol { SessionScope::Enrol } else { SessionScope::Full };
        let new = NewSession {
            id: session,
            user,
            scope,
            amr: amr.join(" "),
            secret_sealed: ctx.tenant().data_key.seal(
                sessions::secret_place(session),
                &secret,
                &*self.entropy,
            ),
            expires_at: now + idle.min(absolute),
            absolute_expires_at: now + absolute,
        };
        let live = Live {
            session,
            user,
            scope,
            amr: amr.iter().map(|&method| method.to_owned()).collect(),
            auth_time: now,
            secret: &secret,
            n: 1,
            expires_at: new.expires_at,
        };
        let tokens = self.pair(&ctx, &ring, live)?;
        tx.open_session(session, user, scope, new.expires_at);
        sessions::insert(tx, new);
        credentials::know_device(tx, user, Device::of(&ctx.tenant().data_key, ctx.origin()));
        self.users.note_sign_in(tx, user, now);
        let event = SecurityEvent {
            event: "login.succeeded",
            outcome: Outcome::Success,
            user: Some(user),
            details: json!({"amr": amr, "session": session, "scope": scope.as_str()}),
        };
        self.audit.security(tx, event);
        Ok(tokens)
    }

    /// The pair of tokens number `n` of a session.
    pub(crate) fn pair(
        &self,
        ctx: &RequestContext,
        ring: &Ring,
        live: Live<'_>,
    ) -> Result<IssuedTokens, TokenError> {
        let now = ctx.now();
        let expires_at = live.expires_at.min(now + ACCESS_LIFETIME);
        let refresh = RefreshToken::make(&ctx.tenant().data_key, live.secret, live.session, live.n);
        let subject = Subject {
            audience: Audience::Tenant,
            tenant: ctx.tenant_id(),
            principal: Principal::user(live.user),
            session: live.session,
            scope: live.scope,
            amr: live.amr,
            authenticated_at: live.auth_time,
        };
        let claims = AccessClaims { subject, id: uuid_at(now), issued_at: now, expires_at };
        Ok(IssuedTokens {
            session: live.session,
            scope: live.scope,
            access_token: self.tokens.sign(ring, &claims)?,
            refresh_token: refresh.text(),
            expires_in: whole_seconds(expires_at - now),
            refresh_expires_in: whole_seconds(live.expires_at - now),
        })
    }
}

/// How long a session may rest, and how long it may last, in the tenant.
pub(crate) fn lifetimes(ctx: &RequestContext) -> (Duration, Duration) {
    let settings = ctx.settings();
    (
        Duration::minutes(settings.session_idle_minutes.into()),
        Duration::minutes(settings.session_absolute_minutes.into()),
    )
}

/// For `expires_in`.
pub(crate) fn whole_seconds(duration: Duration) -> u64 {
    u64::try_from(duration.num_seconds()).unwrap_or(0)
}

#[async_trait]
impl Sessions for SignIns {
    async fn start(
        &self,
        tx: &mut Tx,
        user: UserId,
        amr: &[&'static str],
    ) -> Result<IssuedTokens, CredentialError> {
        Ok(self.begin(tx, user, amr, amr.contains(&"otp")).await?)
    }

    async fn end_all(&self, tx: &mut Tx, user: UserId, except: Option<SessionId>) -> Result<(), DbError> {
        sessions::end_all(tx, user, except, EndReason::Account);
        Ok(())
    }
}

/// What is known of where somebody signs in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// They have a second factor.
    pub(crate) second_factor: bool,
    /// They signed in before, but from elsewhere.
    pub(crate) from_new_device: bool,
}

impl Arrival {
    /// Somebody's very first.
    pub(crate) const FIRST: Self = Self { second_factor: false, from_new_device: false };
}

const NEW_DEVICE: Announcement =
    Announcement { notice: "sign_in.new_device", template: "sign_in_new_device", path: "/account/sessions" };

impl Auth {
    /// Begins the session of somebody who has proven who they are, and tells whom it concerns.
    pub(crate) async fn welcome(
        &self,
        tx: &mut Tx,
        mut person: Person,
        amr: &[&str],
        arrival: Arrival,
    ) -> Result<LoginOutcome, AuthError> {
        let tokens = self.sign_ins.begin(tx, person.id, amr, arrival.second_factor).await?;
        person.last_login_at = Some(tx.now());
        if arrival.from_new_device {
            let device = device_label(tx.context().origin().user_agent.as_deref());
            self.announce(tx, &person, NEW_DEVICE, json!({"device": device}));
        }
        Ok(match tokens.scope {
            SessionScope::Full => LoginOutcome::Authenticated { tokens, person: Box::new(person) },
            SessionScope::Enrol => LoginOutcome::SetupRequired { tokens },
        })
    }
}
