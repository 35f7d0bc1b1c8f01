//! Checking what somebody shows as their second factor. Guesses are counted for the account, over all its logins and
//! sessions, before anything is compared: ten wrong ones an hour, then none are looked at, and the user is told.

use chrono::Duration;
use ouvira_common::{
    db::Tx,
    id::UserId,
    ports::{Outcome, SecurityEvent},
    secret::Secret,
};
use serde_json::json;

use super::GUESSED;
use crate::{
    Auth, AuthError,
    budget::{Budget, seconds, subject},
    model::{BackupCode, TotpSecret},
    store::{
        attempts::{self, Counted},
        backup_codes, totp_factors,
    },
};

/// Wrong codes an account takes.
pub(super) const GUESSES: Budget = Budget::held("second_factor_guesses", 10, Duration::hours(1));

/// What is shown as a second factor.
#[derive(Debug, Clone)]
pub enum SecondFactorProof {
    /// A time-based code.
    Totp(Secret),
    /// A backup code.
    Backup(Secret),
}

impl SecondFactorProof {
    /// A code of either sort, told apart by its length.
    pub fn of_either(code: Secret) -> Self {
        if code.expose().trim().len() > 8 { Self::Backup(code) } else { Self::Totp(code) }
    }

    /// The method's name in `amr` (RFC 8176 has no name for a backup code; `rcv` is ours).
    pub(crate) const fn amr(&self) -> &'static str {
        match self {
            Self::Totp(_) => "otp",
            Self::Backup(_) => "rcv",
        }
    }
}

/// How a proof was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Right,
    Wrong,
}

impl Auth {
    /// Looks whether `proof` is right, and uses it up. A wrong one has to be counted: let the transaction commit, and fail
    /// after it. Fails by itself when the account takes no more guesses.
    pub(crate) async fn check_second_factor(
        &self,
        tx: &mut Tx,
        user: UserId,
        proof: &SecondFactorProof,
    ) -> Result<Proof, AuthError> {
        let guesses = subject(tx.context(), "user", user.0.as_bytes());
        let counted = self.spend(tx, &[(GUESSES, guesses)]).await?;
        let right = match proof {
            SecondFactorProof::Totp(code) => self.accept_totp(tx, user, code).await?,
            SecondFactorProof::Backup(code) => accept_backup_code(tx, user, code).await?,
        };
        if right {
            attempts::give_back(tx, GUESSES.kind(), guesses);
            return Ok(Proof::Right);
        }
        self.note_guess(tx, user, proof.amr(), &counted).await?;
        Ok(Proof::Wrong)
    }

    async fn accept_totp(&self, tx: &mut Tx, user: UserId, code: &Secret) -> Result<bool, AuthError> {
        let Some(sealed) = totp_factors::secret(tx, user, false).await? else { return Ok(false) };
        let secret = open_totp(tx, user, &sealed)?;
        match secret.step_of(code.expose().trim(), tx.now()) {
            Some(step) => Ok(totp_factors::accept_step(tx, user, step).await?),
            None => Ok(false),
        }
    }

    /// Logs a wrong code, and tells the user when it was the last one of those `counted`, and for how long no more are taken.
    pub(super) async fn note_guess(
        &self,
        tx: &mut Tx,
        user: UserId,
        method: &'static str,
        counted: &[Counted],
    ) -> Result<(), AuthError> {
        let spent = counted.iter().find(|counted| counted.count >= GUESSES.limit());
        let event = SecurityEvent {
            event: "second_factor.refused",
            outcome: Outcome::Failure,
            user: Some(user),
            details: json!({"method": method, "locked": spent.is_some()}),
        };
        self.audit.security(tx, event);
        if let Some(spent) = spent
            && let Some(person) = self.users.get(tx, &[user]).await?.remove(&user)
        {
            let minutes = seconds(spent.resets_at - tx.now()).div_ceil(60);
            self.announce(tx, &person, GUESSED, json!({"minutes": minutes}));
        }
        Ok(())
    }
}

async fn accept_backup_code(tx: &mut Tx, user: UserId, code: &Secret) -> Result<bool, AuthError> {
    let Some(code) = BackupCode::typed(code) else { return Ok(false) };
    let hash = code.hash(&tx.context().tenant().data_key, user.0);
    Ok(backup_codes::redeem(tx, user, hash).await?)
}

/// The secret of an authenticator, out of its sealing.
pub(super) fn open_totp(tx: &Tx, user: UserId, sealed: &[u8]) -> Result<TotpSecret, AuthError> {
    let key = &tx.context().tenant().data_key;
    let plain = key.open(totp_factors::secret_place(user), sealed);
    plain.map(TotpSecret::from_bytes).map_err(|_| AuthError::Sealed("totp_factors"))
}
