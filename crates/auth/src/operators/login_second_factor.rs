//! The second half of an operator's login.

use ouvira_common::{platform::PlatformContext, ports::OperatorProof};

use super::{OperatorAuth, OperatorLoginOutcome};
use crate::{AuthError, LoginChallengeId, SecondFactorProof, config::CODE_TRIES};

impl OperatorAuth {
    /// Finishes a login whose password was right. A code works once; five wrong ones end the login, ten within an hour all
    /// logins of the account for a while.
    pub async fn login_second_factor(
        &self,
        ctx: &PlatformContext,
        id: LoginChallengeId,
        proof: &SecondFactorProof,
    ) -> Result<OperatorLoginOutcome, AuthError> {
        let login = self.factors.take_try(id.0, CODE_TRIES, ctx.now).await?;
        let login = login.ok_or(AuthError::ChallengeInvalid)?;
        let account = self.accounts.account(login.operator).await?.ok_or(AuthError::ChallengeInvalid)?;
        let ctx = ctx.acting_as(account.id);
        if !self.check_second_factor(&ctx, account.id, proof).await? {
            let spent = login.tries >= CODE_TRIES;
            return Err(if spent { AuthError::CodeExhausted } else { AuthError::CodeInvalid });
        }
        let amr = ["pwd", proof.amr()];
        let outcome = self.welcome(&ctx, &account, &amr, &OperatorProof::Login(id.0)).await?;
        outcome.ok_or(AuthError::ChallengeInvalid)
    }
}
