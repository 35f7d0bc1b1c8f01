use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;
use chrono::Duration;

use super::kept;
use crate::{
    context::RequestContext,
    db::{DbError, SessionScope, Tx},
    id::{SessionId, UserId},
    ports::{
        CredentialError, Credentials, HashedPassword, IssuedTokens, Sessions, TokenError, TokenVerifier,
        VerifiedToken,
    },
    secret::Secret,
    time::Timestamp,
};

/// Knows the tokens it was given.
#[derive(Debug, Default)]
pub struct FixedTokens(Mutex<HashMap<String, VerifiedToken>>);

impl FixedTokens {
    /// From now on `token` says this.
    pub fn put(&self, token: impl Into<String>, says: VerifiedToken) {
        kept(&self.0).insert(token.into(), says);
    }
}

#[async_trait]
impl TokenVerifier for FixedTokens {
    async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, TokenError> {
        kept(&self.0).get(token).filter(|token| token.expires_at > now).cloned().ok_or(TokenError::Invalid)
    }
}

/// Opens sessions at the real gate, with tokens that say nothing.
#[derive(Debug, Default)]
pub struct FakeSessions {
    ended: Mutex<Vec<UserId>>,
}

impl FakeSessions {
    /// Whose sessions were ended, oldest first.
    pub fn ended(&self) -> Vec<UserId> {
        kept(&self.ended).clone()
    }
}

#[async_trait]
impl Sessions for FakeSessions {
    async fn start(
        &self,
        tx: &mut Tx,
        user: UserId,
        _amr: &[&'static str],
    ) -> Result<IssuedTokens, CredentialError> {
        let session = SessionId::new_at(tx.now());
        let expires_at = tx.now() + Duration::days(30);
        tx.open_session(session, user, SessionScope::Full, expires_at);
        Ok(IssuedTokens {
            session,
            scope: SessionScope::Full,
            access_token: Secret::new(format!("access-{session}")),
            refresh_token: Secret::new(format!("refresh-{session}")),
            expires_in: 900,
            refresh_expires_in: 30 * 24 * 3600,
        })
    }

    async fn end_all(&self, tx: &mut Tx, user: UserId, except: Option<SessionId>) -> Result<(), DbError> {
        tx.end_sessions(user, except);
        kept(&self.ended).push(user);
        Ok(())
    }
}

/// Keeps passwords in memory, "hashed" as they are.
#[derive(Debug, Default)]
pub struct FakeCredentials(Mutex<HashMap<UserId, String>>);

impl FakeCredentials {
    /// The password `user` was given.
    pub fn password_of(&self, user: UserId) -> Option<String> {
        kept(&self.0).get(&user).cloned()
    }
}

#[async_trait]
impl Credentials for FakeCredentials {
    async fn hash(
        &self,
        _ctx: &RequestContext,
        password: &Secret,
    ) -> Result<HashedPassword, CredentialError> {
        Ok(HashedPassword(password.clone()))
    }

    async fn set(&self, _tx: &mut Tx, user: UserId, password: &HashedPassword) -> Result<(), DbError> {
        kept(&self.0).insert(user, password.0.expose().to_owned());
        Ok(())
    }
}
