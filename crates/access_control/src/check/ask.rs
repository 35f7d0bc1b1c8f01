//! Asking.

use std::collections::HashSet;

use ouvira_common::{context::RequestContext, db::Tx, id::CompanyId, permission::Scope};

use super::{Answer, Question, Questions};
use crate::{
    AccessControl, AccessError,
    decision::{Caller, ObjectName, PermissionRef},
    grants::scope_of,
    permission::ROLE_READ,
    store,
};

impl AccessControl {
    /// Answers up to a hundred questions, in their order. Anybody may ask about themselves; asking for others, and
    /// assuming something, needs `role.read` there. What is not there, or is another tenant's, is not allowed.
    pub async fn check(
        &self,
        ctx: &RequestContext,
        questions: &Questions,
    ) -> Result<Vec<Answer>, AccessError> {
        questions.require_some()?;
        questions.assume.require_few()?;
        self.db
            .read(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                let asked = self.asked_permissions(tx, &questions.checks).await?;
                if is_plain(questions, ctx) {
                    return self.answer_plainly(tx, &caller, questions, &asked).await;
                }
                for question in questions.checks.iter().filter(|question| is_about_another(question, ctx)) {
                    caller.require(&ROLE_READ, scope_of(company_of(question)))?;
                }
                questions.assume.require_readable(&caller)?;
                self.answer_with_reasons(tx, &caller, questions, &asked).await
            })
            .await
    }

    /// From the caller's snapshot: only whether the companies are there has to be asked.
    async fn answer_plainly(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        questions: &Questions,
        asked: &[PermissionRef],
    ) -> Result<Vec<Answer>, AccessError> {
        let companies: HashSet<CompanyId> = questions.checks.iter().filter_map(company_of).collect();
        let present: HashSet<CompanyId> = if companies.is_empty() {
            HashSet::new()
        } else {
            let companies: Vec<CompanyId> = companies.into_iter().collect();
            store::companies::present(tx, &companies).await?.into_iter().collect()
        };
        let answer = |(question, permission): (&Question, &PermissionRef)| {
            let allowed = match company_of(question) {
                None => caller.holds_ref(*permission, Scope::Tenant),
                Some(company) => {
                    present.contains(&company) && caller.holds_ref(*permission, Scope::Company(company))
                }
            };
            Answer { allowed, because: None }
        };
        Ok(questions.checks.iter().zip(asked).map(answer).collect())
    }
}

/// Where a question is decided.
pub(super) fn company_of(question: &Question) -> Option<CompanyId> {
    question.object.as_ref().and_then(ObjectName::as_company).or(question.company)
}

fn is_about_another(question: &Question, ctx: &RequestContext) -> bool {
    question.user.is_some() && question.user != ctx.user_id()
}

/// Whether the caller's snapshot knows all the answers: about the caller, as things are, without reasons, and on no
/// objects but companies.
fn is_plain(questions: &Questions, ctx: &RequestContext) -> bool {
    let plain = |question: &Question| {
        !is_about_another(question, ctx)
            && question.object.as_ref().is_none_or(|object| object.as_company().is_some())
    };
    !questions.explain && questions.assume.is_empty() && questions.checks.iter().all(plain)
}
