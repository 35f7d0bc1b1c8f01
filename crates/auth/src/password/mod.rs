//! Passwords: what is accepted as one, how it is kept, changing it, and getting back in without one.

mod change;
mod common;
mod forgot;
mod hasher;
mod links;
mod policy;
mod pool;
mod replace;
mod reset;
mod strength;

use std::sync::Arc;

use async_trait::async_trait;
use ouvira_common::{
    context::RequestContext,
    db::{DbError, Tx},
    entropy::{Entropy, random_bytes},
    id::UserId,
    ports::{CredentialError, Credentials, HashedPassword},
    secret::Secret,
    settings::TenantSettings,
};

pub(crate) use hasher::Verdict;
pub use hasher::{HashCost, PasswordHasher};
pub use links::{PasswordResetRequested, SET_PASSWORD_TOPIC, TENANT_PROVISIONED_TOPIC};
pub(crate) use policy::{MAX_LENGTH, MIN_LENGTH, NewPassword, normalised};

use crate::{announce::Announcement, store::credentials};

/// The password is another one.
const CHANGED: Announcement =
    Announcement { notice: "password.changed", template: "password_changed", path: "/account/sessions" };

/// Hashes passwords and keeps them: the port for those who give somebody a password.
#[derive(Clone)]
pub struct Passwords {
    pub(crate) hasher: PasswordHasher,
    pub(crate) entropy: Arc<dyn Entropy>,
}

impl Passwords {
    /// Passwords hashed by the node's `hasher`, with salts from `entropy`.
    pub fn new(hasher: PasswordHasher, entropy: Arc<dyn Entropy>) -> Self {
        Self { hasher, entropy }
    }

    /// Checks a new password against the policy of `settings` and hashes it; errors point at `/password`.
    pub async fn hash_under(
        &self,
        settings: &TenantSettings,
        password: &Secret,
    ) -> Result<HashedPassword, CredentialError> {
        self.hash_new(&NewPassword::parse("/password", password, settings)?).await
    }

    /// Judges a new password and hashes it.
    pub(crate) async fn hash_new(&self, password: &NewPassword) -> Result<HashedPassword, CredentialError> {
        self.hasher.hash_new(password, random_bytes(&*self.entropy)).await.map(HashedPassword)
    }

    /// Hashes a password again that was just verified, after the cost was raised.
    pub(crate) async fn hash_normalised(
        &self,
        normalised: &Secret,
    ) -> Result<HashedPassword, CredentialError> {
        self.hasher.hash(normalised, random_bytes(&*self.entropy)).await.map(HashedPassword)
    }
}

#[async_trait]
impl Credentials for Passwords {
    async fn hash(&self, ctx: &RequestContext, password: &Secret) -> Result<HashedPassword, CredentialError> {
        let new = NewPassword::parse("/password", password, ctx.settings())?;
        self.hash_new(&new.at(ctx)).await
    }

    async fn set(&self, tx: &mut Tx, user: UserId, password: &HashedPassword) -> Result<(), DbError> {
        credentials::put_password(tx, user, password);
        Ok(())
    }
}
