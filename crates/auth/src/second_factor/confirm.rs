//! The authenticator has the secret: the factor goes on.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::{SessionId, UserId},
    ports::{Activity, Changes, Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;

use super::{
    BackupCodes, CHANGED,
    check::{GUESSES, open_totp},
};
use crate::{
    Auth, AuthError,
    budget::subject,
    event::SecondFactorEnabled,
    logout::own_session,
    step_up::require_recent_sign_in,
    store::{attempts, sessions, totp_factors},
};

impl Auth {
    /// Switches the caller's second factor on with a code of the secret they were given, and hands out ten backup codes. A
    /// session that could only enrol is a full one from then on, with its next refresh.
    pub async fn confirm_second_factor(
        &self,
        ctx: &RequestContext,
        code: &Secret,
    ) -> Result<BackupCodes, AuthError> {
        let (user, session) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        // A wrong code is an error to the caller and yet has to be counted: the transaction commits it.
        let confirmed: Result<BackupCodes, AuthError> = self
            .db
            .write(ctx, async |tx| {
                let sealed = totp_factors::secret(tx, user, true).await?.ok_or(AuthError::NotPending)?;
                let guesses = subject(ctx, "user", user.0.as_bytes());
                let counted = self.spend(tx, &[(GUESSES, guesses)]).await?;
                let Some(step) = open_totp(tx, user, &sealed)?.step_of(code.expose().trim(), tx.now()) else {
                    self.note_guess(tx, user, "otp", &counted).await?;
                    return Ok::<_, AuthError>(Err(AuthError::CodeInvalid));
                };
                if !totp_factors::confirm(tx, user, step).await? {
                    return Err(AuthError::NotPending);
                }
                attempts::give_back(tx, GUESSES.kind(), guesses);
                self.switched_on(tx, user, session).await?;
                Ok(Ok(self.issue_backup_codes(tx, user)))
            })
            .await?;
        confirmed
    }

    async fn switched_on(&self, tx: &mut Tx, user: UserId, session: SessionId) -> Result<(), AuthError> {
        sessions::strengthen(tx, session).await?;
        self.users.note_second_factor(tx, user, true);
        let event = SecurityEvent {
            event: "second_factor.enabled",
            outcome: Outcome::Success,
            user: Some(user),
            details: json!({"method": "totp"}),
        };
        self.audit.security(tx, event);
        let changes = Changes::new().public("second_factor", Some(false), Some(true));
        self.audit.record(tx, Activity::new("user.second_factor_enabled", "user", user.0).changes(changes));
        tx.publish(&SecondFactorEnabled { user_id: user });
        if let Some(person) = self.users.get(tx, &[user]).await?.remove(&user) {
            self.announce(tx, &person, CHANGED, json!({"change": "enabled"}));
        }
        Ok(())
    }
}
