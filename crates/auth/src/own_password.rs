//! Somebody signed in shows their password once more.

use chrono::Duration;
use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::UserId,
    ports::{Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    Auth, AuthError,
    budget::{Budget, subject},
    password::{Verdict, normalised},
    store::{
        attempts::{self, Subject},
        credentials,
    },
};

/// Wrong passwords that somebody signed in may show: whoever stole a session is not to guess its password.
const CHECKS: Budget = Budget::held("password_checks", 10, Duration::hours(1));

/// The caller's password was right; which row it was compared with.
pub(crate) struct OwnPassword {
    credential: Uuid,
    version: i64,
    counted: Subject,
}

impl Auth {
    /// Compares `password` with the caller's own, in transactions of its own and outside of them.
    pub(crate) async fn check_own_password(
        &self,
        ctx: &RequestContext,
        user: UserId,
        password: &Secret,
    ) -> Result<OwnPassword, AuthError> {
        let counted = subject(ctx, "user", user.0.as_bytes());
        let kept = self
            .db
            .write(ctx, async |tx| {
                self.spend(tx, &[(CHECKS, counted)]).await?;
                Ok::<_, AuthError>(credentials::password_of(tx, user).await?)
            })
            .await?;
        let secret = kept.as_ref().map(|kept| kept.secret.as_str());
        let verdict = self.passwords.hasher.verify(&normalised(password), secret).await?;
        if let (Some(kept), Verdict::Right { .. }) = (kept, verdict) {
            return Ok(OwnPassword { credential: kept.id, version: kept.version, counted });
        }
        self.db
            .write(ctx, async |tx| {
                let event = SecurityEvent {
                    event: "password.refused",
                    outcome: Outcome::Failure,
                    user: Some(user),
                    details: json!({}),
                };
                self.audit.security(tx, event);
                Ok::<_, AuthError>(())
            })
            .await?;
        Err(AuthError::PasswordIncorrect)
    }

    /// Goes on from a right password; fails when it was changed meanwhile.
    pub(crate) async fn accept_own_password(
        &self,
        tx: &mut Tx,
        proven: &OwnPassword,
    ) -> Result<(), AuthError> {
        if !credentials::use_credential(tx, proven.credential, proven.version, None, &[]).await? {
            return Err(AuthError::PasswordIncorrect);
        }
        attempts::give_back(tx, CHECKS.kind(), proven.counted);
        Ok(())
    }
}
