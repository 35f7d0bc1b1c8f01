//! New backup codes.

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, Changes, Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;

use super::{BackupCodes, CHANGED, Proof, SecondFactorProof};
use crate::{Auth, AuthError, logout::own_session, step_up::require_recent_sign_in};

impl Auth {
    /// Ten new backup codes for the caller; the former ones are void. Asks for the password, for the factor itself and for a
    /// recent sign-in.
    pub async fn renew_backup_codes(
        &self,
        ctx: &RequestContext,
        password: &Secret,
        proof: &SecondFactorProof,
    ) -> Result<BackupCodes, AuthError> {
        let (user, _) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        let proven = self.check_own_password(ctx, user, password).await?;
        let renewed: Result<BackupCodes, AuthError> = self
            .db
            .write(ctx, async |tx| {
                self.accept_own_password(tx, &proven).await?;
                if self.check_second_factor(tx, user, proof).await? == Proof::Wrong {
                    return Ok::<_, AuthError>(Err(AuthError::CodeInvalid));
                }
                let event = SecurityEvent {
                    event: "backup_codes.renewed",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details: json!({"by": proof.amr()}),
                };
                self.audit.security(tx, event);
                let changes = Changes::new().secret("backup_codes");
                self.audit
                    .record(tx, Activity::new("user.backup_codes_renewed", "user", user.0).changes(changes));
                if let Some(person) = self.users.get(tx, &[user]).await?.remove(&user) {
                    self.announce(tx, &person, CHANGED, json!({"change": "backup_codes"}));
                }
                Ok(Ok(self.issue_backup_codes(tx, user)))
            })
            .await?;
        renewed
    }
}
