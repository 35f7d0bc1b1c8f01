//! Checking what an operator shows as their second factor. Guesses are counted before anything is compared.

use ouvira_common::{
    id::OperatorId,
    platform::PlatformContext,
    ports::{FactorProof, Guessed},
    sealing::{DataKey, Place},
    time::Timestamp,
};

use super::OperatorAuth;
use crate::{
    AuthError, SecondFactorProof,
    budget::seconds,
    model::{BackupCode, TotpSecret},
};

/// Wrong codes, or passwords, that an operator's account takes within an hour.
const GUESSES: i32 = 10;

/// Where an operator's secret is sealed: there is one each.
pub(super) const fn secret_place(operator: OperatorId) -> Place {
    Place { table: "operator_totp_factors", column: "secret_sealed", row: operator.0 }
}

impl OperatorAuth {
    /// Looks whether `proof` is right, and uses it up. Fails when the account takes no more guesses.
    pub(super) async fn check_second_factor(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        proof: &SecondFactorProof,
    ) -> Result<bool, AuthError> {
        self.count_guess(operator, Guessed::SecondFactor, ctx.now).await?;
        let key = self.accounts.key().await?;
        let shown = match proof {
            SecondFactorProof::Totp(code) => {
                let secret = self.totp(&key, operator, false).await?;
                let step = secret.and_then(|secret| secret.step_of(code.expose().trim(), ctx.now));
                step.map(FactorProof::Step)
            }
            SecondFactorProof::Backup(code) => {
                BackupCode::typed(code).map(|code| FactorProof::BackupCode(code.hash(&key, operator.0)))
            }
        };
        Ok(self.factors.accept(ctx, operator, shown).await?)
    }

    /// Takes one from the guesses of an hour; fails when nothing is left.
    pub(super) async fn count_guess(
        &self,
        operator: OperatorId,
        guessed: Guessed,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let counted = self.factors.count_guess(operator, guessed, now).await?;
        if counted.count <= GUESSES {
            return Ok(());
        }
        tracing::warn!(%operator, "an operator's account takes no more guesses for a while");
        Err(AuthError::TooMany { retry_after: seconds(counted.resets_at - now) })
    }

    /// The secret of an operator's authenticator, out of its sealing.
    pub(super) async fn totp(
        &self,
        key: &DataKey,
        operator: OperatorId,
        pending: bool,
    ) -> Result<Option<TotpSecret>, AuthError> {
        let Some(sealed) = self.enrolment.secret(operator, pending).await? else { return Ok(None) };
        let plain = key.open(secret_place(operator), &sealed);
        plain
            .map(|plain| Some(TotpSecret::from_bytes(plain)))
            .map_err(|_| AuthError::Sealed("operator_totp_factors"))
    }
}
