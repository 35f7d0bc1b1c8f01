//! A refresh token for the next pair.

use std::{sync::OnceLock, time::Duration};

use ouvira_common::{
    context::RequestContext,
    db::{DbError, SessionScope, Tx},
    id::{SessionId, UserId},
    ports::{IssuedTokens, Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    Auth, AuthError,
    announce::Announcement,
    config::REFRESH_GRACE,
    event::SessionCompromised,
    model::{EndReason, RefreshToken},
    sign_in::{Live, lifetimes},
    store::sessions::{self, SessionRow},
    token::Ring,
};

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(5);

const REUSED: Announcement = Announcement {
    notice: "session.ended_for_reuse",
    template: "session_ended_for_reuse",
    path: "/account/sessions",
};

impl Auth {
    /// Trades a refresh token for the next pair (RFC 9700 §4.14.2). The one that was traded last gets the same successor
    /// again for ten seconds, since an answer may have been lost; any older one has been stolen, from its owner or by
    /// them: the session ends, it is logged, and its user is told.
    ///
    /// Once the next pair is made, it is handed out even if the database cannot say whether it committed: where it did not,
    /// the new token is ahead of the session's row, and is good all the same.
    pub async fn refresh(&self, ctx: &RequestContext, token: &Secret) -> Result<IssuedTokens, AuthError> {
        let token = RefreshToken::parse(token).ok_or(AuthError::RefreshTokenInvalid)?;
        let ring = self.tokens.ring().await?;
        let made = OnceLock::new();
        let traded = timeout(PATIENCE, self.trade(ctx, &ring, token, &made)).await;
        match (traded, made.into_inner()) {
            // The outcome of COMMIT is not known, or it never was sent.
            (Err(_) | Ok(Err(AuthError::Db(DbError::Unavailable(_)))), Some(pair)) => Ok(pair),
            (Ok(answer), _) => answer,
            (Err(_), None) => Err(DbError::Unavailable("no answer in time".to_owned()).into()),
        }
    }

    async fn trade(
        &self,
        ctx: &RequestContext,
        ring: &Ring,
        token: RefreshToken,
        made: &OnceLock<IssuedTokens>,
    ) -> Result<IssuedTokens, AuthError> {
        // Reuse is an error to the caller and yet ends the session: the transaction commits that.
        let refreshed: Result<IssuedTokens, AuthError> = self
            .db
            .write(ctx, async |tx| {
                if let Some(row) =
                    sessions::rotate(tx, token.session, token.n, lifetimes(tx.context()).0).await?
                {
                    // A token that was not made by us undoes the rotation with the whole transaction.
                    let secret = authentic(ctx, token, &row)?;
                    let row = self.under_policy(tx, token.session, row).await?;
                    let pair = self.pair_of(ctx, ring, token, &row, &secret)?;
                    let _ = made.set(pair.clone());
                    return Ok(Ok(pair));
                }
                let row = sessions::find(tx, token.session).await?.ok_or(AuthError::RefreshTokenInvalid)?;
                let secret = authentic(ctx, token, &row)?;
                if row.ended_at.is_some() || row.expires_at <= tx.now() {
                    return Err(AuthError::RefreshTokenInvalid);
                }
                if token.n == row.n - 1 && tx.now() - row.rotated_at <= REFRESH_GRACE {
                    return self.pair_of(ctx, ring, token, &row, &secret).map(Ok);
                }
                self.end_family(tx, token, UserId(row.user_id)).await?;
                Ok(Err(AuthError::RefreshTokenReused))
            })
            .await?;
        refreshed
    }

    fn pair_of(
        &self,
        ctx: &RequestContext,
        ring: &Ring,
        token: RefreshToken,
        row: &SessionRow,
        secret: &[u8],
    ) -> Result<IssuedTokens, AuthError> {
        let live = Live::of(token.session, row, secret);
        Ok(self.sign_ins.pair(ctx, ring, live)?)
    }

    /// The session as the tenant wants it by now: where everybody needs a second factor, one whose user has none opens
    /// nothing but its enrolment from here on.
    async fn under_policy(
        &self,
        tx: &mut Tx,
        session: SessionId,
        row: SessionRow,
    ) -> Result<SessionRow, AuthError> {
        let weak = tx.context().settings().require_two_factor
            && row.scope() == SessionScope::Full
            && !row.has_second_factor();
        if !weak {
            return Ok(row);
        }
        let user = UserId(row.user_id);
        let people = self.users.get(tx, &[user]).await?;
        if people.get(&user).is_some_and(|person| person.two_factor_enabled) {
            return Ok(row);
        }
        sessions::set_scope(tx, session, SessionScope::Enrol).await?;
        Ok(row.only_for_enrolment())
    }

    async fn end_family(&self, tx: &mut Tx, token: RefreshToken, user: UserId) -> Result<(), AuthError> {
        if !sessions::end(tx, token.session, user, EndReason::RefreshReused).await? {
            return Ok(());
        }
        let event = SecurityEvent {
            event: "refresh.reused",
            outcome: Outcome::Failure,
            user: Some(user),
            details: json!({"session": token.session}),
        };
        self.audit.security(tx, event);
        tx.publish(&SessionCompromised { user_id: user, session_id: token.session });
        if let Some(person) = self.users.get(tx, &[user]).await?.remove(&user) {
            self.announce(tx, &person, REUSED, json!({"session": token.session}));
        }
        Ok(())
    }
}

/// The session's secret, when the token was made with it.
fn authentic(ctx: &RequestContext, token: RefreshToken, row: &SessionRow) -> Result<Vec<u8>, AuthError> {
    let key = &ctx.tenant().data_key;
    let secret = key
        .open(sessions::secret_place(token.session), &row.secret_sealed)
        .map_err(|_| AuthError::Sealed("sessions"))?;
    if token.is_authentic(key, &secret) { Ok(secret) } else { Err(AuthError::RefreshTokenInvalid) }
}
