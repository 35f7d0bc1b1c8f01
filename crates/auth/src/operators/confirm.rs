//! An operator's authenticator has the secret: the factor goes on.

use ouvira_common::{
    platform::PlatformContext,
    ports::{Guessed, VerifiedOperator},
    secret::Secret,
};

use super::{OperatorAuth, require_recent_sign_in};
use crate::{
    AuthError, BackupCodes,
    model::{BACKUP_CODES, BackupCode},
};

impl OperatorAuth {
    /// Switches the operator's second factor on with a code of the secret they were given, and hands out ten backup codes. A
    /// session that could only enrol is a full one from then on, with its next refresh.
    pub async fn confirm_second_factor(
        &self,
        ctx: &PlatformContext,
        token: &VerifiedOperator,
        code: &Secret,
    ) -> Result<BackupCodes, AuthError> {
        require_recent_sign_in(token, ctx.now)?;
        let operator = token.operator;
        let key = self.accounts.key().await?;
        let secret = self.totp(&key, operator, true).await?.ok_or(AuthError::NotPending)?;
        self.count_guess(operator, Guessed::SecondFactor, ctx.now).await?;
        let Some(step) = secret.step_of(code.expose().trim(), ctx.now) else {
            self.factors.accept(ctx, operator, None).await?;
            return Err(AuthError::CodeInvalid);
        };
        let codes: Vec<BackupCode> =
            (0..BACKUP_CODES).map(|_| BackupCode::generate(&*self.entropy)).collect();
        let hashes: Vec<_> = codes.iter().map(|code| code.hash(&key, operator.0)).collect();
        if !self.enrolment.confirm(ctx, operator, token.session, step, &hashes).await? {
            return Err(AuthError::NotPending);
        }
        Ok(BackupCodes::of(&codes))
    }
}
