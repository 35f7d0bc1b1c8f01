//! The second factor goes off.

use ouvira_common::{
    context::RequestContext,
    db::SessionScope,
    ports::{Activity, Changes, Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;

use super::{CHANGED, Proof, SecondFactorProof};
use crate::{
    Auth, AuthError,
    event::SecondFactorDisabled,
    logout::own_session,
    model::EndReason,
    step_up::require_recent_sign_in,
    store::{backup_codes, login_challenges, sessions, totp_factors},
};

impl Auth {
    /// Switches the caller's second factor off; asks for the password, for the factor itself and for a recent sign-in. All
    /// other sessions end (ASVS V7.4.3). Where the tenant wants a second factor of everybody, this one may then only enrol a
    /// new one.
    pub async fn disable_second_factor(
        &self,
        ctx: &RequestContext,
        password: &Secret,
        proof: &SecondFactorProof,
    ) -> Result<(), AuthError> {
        let (user, session) = own_session(ctx)?;
        require_recent_sign_in(ctx)?;
        let proven = self.check_own_password(ctx, user, password).await?;
        let disabled: Result<(), AuthError> = self
            .db
            .write(ctx, async |tx| {
                self.accept_own_password(tx, &proven).await?;
                if self.check_second_factor(tx, user, proof).await? == Proof::Wrong {
                    return Ok::<_, AuthError>(Err(AuthError::CodeInvalid));
                }
                totp_factors::delete(tx, user);
                backup_codes::delete(tx, user);
                login_challenges::void(tx, user);
                sessions::end_all(tx, user, Some(session), EndReason::FactorChanged);
                if tx.context().settings().require_two_factor {
                    sessions::set_scope(tx, session, SessionScope::Enrol).await?;
                }
                self.users.note_second_factor(tx, user, false);
                let event = SecurityEvent {
                    event: "second_factor.disabled",
                    outcome: Outcome::Success,
                    user: Some(user),
                    details: json!({"by": proof.amr()}),
                };
                self.audit.security(tx, event);
                let changes = Changes::new().public("second_factor", Some(true), Some(false));
                self.audit.record(
                    tx,
                    Activity::new("user.second_factor_disabled", "user", user.0).changes(changes),
                );
                tx.publish(&SecondFactorDisabled { user_id: user });
                if let Some(person) = self.users.get(tx, &[user]).await?.remove(&user) {
                    self.announce(tx, &person, CHANGED, json!({"change": "disabled"}));
                }
                Ok(Ok(()))
            })
            .await?;
        disabled
    }
}
