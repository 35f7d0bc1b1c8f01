//! An operator's refresh token for the next pair.

use ouvira_common::{
    platform::PlatformContext,
    ports::{IssuedTokens, OperatorSession},
    sealing::DataKey,
    secret::Secret,
};

use super::{
    IDLE, OperatorAuth,
    sign_in::{Live, secret_place},
};
use crate::{
    AuthError,
    config::REFRESH_GRACE,
    model::{EndReason, RefreshToken},
    token::Ring,
};

impl OperatorAuth {
    /// Trades a refresh token for the next pair, as for users (RFC 9700 §4.14.2): the one that was traded last gets the same
    /// successor again for ten seconds; any older one ends the session, and the leave that was taken in it.
    pub async fn refresh(&self, ctx: &PlatformContext, token: &Secret) -> Result<IssuedTokens, AuthError> {
        let token = RefreshToken::parse(token).ok_or(AuthError::RefreshTokenInvalid)?;
        let ring = self.tokens.ring().await?;
        let key = self.accounts.key().await?;
        let found = self.sessions.find(token.session).await?.ok_or(AuthError::RefreshTokenInvalid)?;
        let secret = authentic(&key, token, &found)?;
        if !found.lives(ctx.now) {
            return Err(AuthError::RefreshTokenInvalid);
        }
        let ctx = ctx.acting_as(found.operator);
        if let Some(rotated) = self.sessions.rotate(&ctx, token.session, token.n, IDLE).await? {
            return self.pair_of(&ctx, &ring, &key, token, &rotated, &secret);
        }
        // It was not the present one, or no longer when it came to it.
        let found = self.sessions.find(token.session).await?.ok_or(AuthError::RefreshTokenInvalid)?;
        if !found.lives(ctx.now) {
            return Err(AuthError::RefreshTokenInvalid);
        }
        if token.n == found.n - 1 && ctx.now - found.rotated_at <= REFRESH_GRACE {
            return self.pair_of(&ctx, &ring, &key, token, &found, &secret);
        }
        self.sessions.end(&ctx, token.session, EndReason::RefreshReused.as_str()).await?;
        tracing::warn!(operator = %found.operator, "a refresh token of an operator was used a second time");
        Err(AuthError::RefreshTokenReused)
    }

    fn pair_of(
        &self,
        ctx: &PlatformContext,
        ring: &Ring,
        key: &DataKey,
        token: RefreshToken,
        session: &OperatorSession,
        secret: &[u8],
    ) -> Result<IssuedTokens, AuthError> {
        let live = Live {
            session: token.session,
            operator: session.operator,
            scope: session.scope,
            amr: session.amr.clone(),
            auth_time: session.auth_time,
            secret,
            n: session.n,
            expires_at: session.expires_at,
        };
        self.pair(ctx, ring, key, live)
    }
}

/// The session's secret, when the token was made with it.
fn authentic(key: &DataKey, token: RefreshToken, session: &OperatorSession) -> Result<Vec<u8>, AuthError> {
    let secret = key
        .open(secret_place(token.session), &session.secret_sealed)
        .map_err(|_| AuthError::Sealed("operator_sessions"))?;
    if token.is_authentic(key, &secret) { Ok(secret) } else { Err(AuthError::RefreshTokenInvalid) }
}
