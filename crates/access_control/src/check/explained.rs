//! Answering from the tables, with reasons.

use std::collections::{HashMap, HashSet};

use ouvira_common::{
    db::Tx,
    id::{CompanyId, RoleId, UserId},
    permission::{Scope, SystemRole},
};

use super::{Answer, Because, Question, Questions, Reason, ask::company_of};
use crate::{
    AccessControl, AccessError,
    decision::{Caller, Evidence, Ground, ObjectName, PermissionRef, Via},
    grants::KnownRole,
    model::GrantHolder,
    store,
};

impl AccessControl {
    pub(super) async fn answer_with_reasons(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        questions: &Questions,
        asked: &[PermissionRef],
    ) -> Result<Vec<Answer>, AccessError> {
        let (evidence, roles) = self.evidence(tx, questions).await?;
        let oneself = tx.context().user_id();
        let answer = |(question, permission): (&Question, &PermissionRef)| {
            let company = company_of(question);
            let grounds = match question.user.or(oneself) {
                Some(user) => evidence.grounds(user, *permission, company, question.object.as_ref()),
                None => grounds_of_pass(
                    caller,
                    *permission,
                    company,
                    &evidence,
                    self.catalogue().role_id(SystemRole::Admin),
                ),
            };
            let because = || {
                if grounds.is_empty() {
                    return Because::Missing(question.permission.clone());
                }
                Because::Held(grounds.iter().map(|ground| reason(ground, &roles)).collect())
            };
            Answer { allowed: !grounds.is_empty(), because: questions.explain.then(because) }
        };
        Ok(questions.checks.iter().zip(asked).map(answer).collect())
    }

    /// Everything that the answers follow from, with what is assumed; and the roles it speaks of.
    async fn evidence(
        &self,
        tx: &mut Tx,
        questions: &Questions,
    ) -> Result<(Evidence, HashMap<RoleId, KnownRole>), AccessError> {
        let oneself = tx.context().user_id();
        let Questions { checks, assume, .. } = questions;
        let users: HashSet<UserId> = checks
            .iter()
            .filter_map(|question| question.user.or(oneself))
            .chain(assume.all().map(|assumed| assumed.user))
            .collect();
        let users: Vec<UserId> = users.into_iter().collect();
        let companies: HashSet<CompanyId> = checks
            .iter()
            .filter_map(company_of)
            .chain(assume.all().filter_map(|assumed| assumed.company))
            .collect();
        let mut evidence = Evidence { active: self.active(tx, &users).await?, ..Evidence::default() };
        let companies: Vec<CompanyId> = companies.into_iter().collect();
        evidence.companies = store::evidence::path(tx, &companies).await?;
        let path: Vec<CompanyId> = evidence.companies.keys().copied().collect();
        let (held, suspended) = store::evidence::held(tx, &users, &path).await?;
        evidence.held = held;
        evidence.objects = store::evidence::grants(tx, self.catalogue(), &objects(checks), &users).await?;
        let named = evidence.held.values().flatten().map(|held| held.role);
        let granted = evidence.objects.iter().filter_map(|grant| match grant.holder {
            GrantHolder::Role(role) => Some(role),
            GrantHolder::User(_) => None,
        });
        let named: HashSet<RoleId> =
            named.chain(granted).chain(assume.add.iter().map(|assumed| assumed.role)).collect();
        let roles = self.grants.known_roles(tx, &named.into_iter().collect::<Vec<_>>()).await?;
        evidence.roles = roles.iter().map(|(id, role)| (*id, role.facts.clone())).collect();
        assume.require_possible(&roles, &evidence)?;
        assume.apply(&mut evidence, &suspended);
        Ok((evidence, roles))
    }

    /// Those of `users` who can sign in; the caller just did.
    async fn active(&self, tx: &mut Tx, users: &[UserId]) -> Result<HashSet<UserId>, AccessError> {
        let oneself = tx.context().user_id();
        let others: Vec<UserId> = users.iter().copied().filter(|user| Some(*user) != oneself).collect();
        let mut active: HashSet<UserId> = oneself.into_iter().collect();
        if !others.is_empty() {
            let people = self.grants.users.get(tx, &others).await?;
            active.extend(people.into_values().filter(|person| person.active).map(|person| person.id));
        }
        Ok(active)
    }
}

/// The objects asked about, companies among them.
fn objects(checks: &[Question]) -> Vec<ObjectName> {
    let companies = checks.iter().filter_map(company_of).map(ObjectName::company);
    let named = checks.iter().filter_map(|question| question.object.clone());
    companies.chain(named).collect::<HashSet<_>>().into_iter().collect()
}

/// A caller without a user, such as an operator, holds what an administrator does.
fn grounds_of_pass(
    caller: &Caller,
    permission: PermissionRef,
    company: Option<CompanyId>,
    evidence: &Evidence,
    admin: RoleId,
) -> Vec<Ground> {
    let present = company.is_none_or(|id| evidence.companies.get(&id).is_some_and(|node| !node.removed));
    let held = present && caller.holds_ref(permission, Scope::Tenant);
    held.then_some(Ground { role: Some(admin), company: None, via: Via::Tenant }).into_iter().collect()
}

fn reason(ground: &Ground, roles: &HashMap<RoleId, KnownRole>) -> Reason {
    let role = ground.role.and_then(|role| roles.get(&role)).map(|role| role.name.code.clone());
    Reason { role, company: ground.company, via: ground.via }
}
