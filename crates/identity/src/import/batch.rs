//! Deciding and applying a batch of lines.

use std::collections::{HashMap, HashSet};

use ouvira_common::{
    context::RequestContext, db::Tx, id::UserId, permission::Scope, ports::GrantRefused, problem::Code,
    text::Phone,
};

use super::{
    line::{Field, ImportLine},
    report::{LineError, LineOutcome},
};
use crate::{
    Users,
    error::UserError,
    event::{UserCreated, UserInvited, UserUpdated},
    model::User,
    permission,
    record::activity,
    store,
};

/// Addresses of earlier lines of a dry run, which has written none of them.
#[derive(Debug, Default)]
pub(super) struct Seen {
    emails: HashSet<String>,
    phones: HashSet<Phone>,
}

/// Who holds the addresses of a batch.
struct Holders {
    /// Whether the caller may change who is there already.
    may_update: bool,
    by_email: HashMap<String, User>,
    by_phone: HashMap<String, UserId>,
}

/// What is to be done for a line.
enum Decision {
    Create(Box<User>),
    Update {
        before: Box<User>,
        after: Box<User>,
    },
    /// The user is as the line says.
    Leave,
    Refuse(LineError),
}

impl Decision {
    fn refuse(field: Option<Field>, code: Code) -> Self {
        Self::Refuse(LineError::Refused { pointer: field.map_or("", Field::pointer), code })
    }

    /// The same when a user who would begin still has room, and takes it.
    fn within(self, room: &mut usize) -> Self {
        match (self, room.checked_sub(1)) {
            (Self::Create(_), None) => Self::refuse(None, Code::QuotaExceeded),
            (Self::Create(user), Some(left)) => {
                *room = left;
                Self::Create(user)
            }
            (decision, _) => decision,
        }
    }

    fn outcome(&self) -> LineOutcome {
        match self {
            Self::Create(_) => LineOutcome::Created,
            Self::Update { .. } | Self::Leave => LineOutcome::Updated,
            Self::Refuse(error) => LineOutcome::Failed(vec![error.clone()]),
        }
    }
}

impl Users {
    /// Applies a batch in one transaction.
    pub(super) async fn apply(
        &self,
        ctx: &RequestContext,
        lines: &[ImportLine],
    ) -> Result<Vec<LineOutcome>, UserError> {
        self.db
            .write(ctx, async |tx| {
                let holders = self.holders(tx, lines, true).await?;
                let mut room = self.room(tx, &holders, lines).await?;
                let mut decisions = Vec::with_capacity(lines.len());
                for line in lines {
                    decisions.push(self.decide(tx, &holders, line).await?.within(&mut room));
                }
                self.carry_out(tx, &decisions).await?;
                Ok(decisions.iter().map(Decision::outcome).collect())
            })
            .await
    }

    /// What would come of a batch after the lines in `seen`.
    pub(super) async fn foresee(
        &self,
        ctx: &RequestContext,
        lines: &[ImportLine],
        seen: &mut Seen,
    ) -> Result<Vec<LineOutcome>, UserError> {
        let already = &*seen;
        let outcomes: Vec<LineOutcome> = self
            .db
            .read(ctx, async |tx| {
                let holders = self.holders(tx, lines, false).await?;
                let mut room = self.room(tx, &holders, lines).await?.saturating_sub(already.emails.len());
                let mut outcomes = Vec::with_capacity(lines.len());
                for line in lines {
                    let decision = match already.decide(&holders, line) {
                        Some(decision) => decision,
                        None => self.decide(tx, &holders, line).await?,
                    };
                    outcomes.push(decision.within(&mut room).outcome());
                }
                Ok::<_, UserError>(outcomes)
            })
            .await?;
        for (line, _) in lines.iter().zip(&outcomes).filter(|(_, outcome)| **outcome == LineOutcome::Created)
        {
            seen.emails.insert(line.folded.clone());
            seen.phones.extend(line.phone.clone());
        }
        Ok(outcomes)
    }

    async fn holders(&self, tx: &mut Tx, lines: &[ImportLine], lock: bool) -> Result<Holders, UserError> {
        self.rights.require(tx, &permission::CREATE, Scope::Tenant).await?;
        let may_update = self.rights.holds(tx, &permission::UPDATE, Scope::Tenant).await?;
        let emails: Vec<&str> = lines.iter().map(|line| line.folded.as_str()).collect();
        let phones: Vec<&str> = lines.iter().filter_map(|line| Some(line.phone.as_ref()?.as_str())).collect();
        let by_email = store::find_holders(tx, &emails, lock).await?;
        let by_phone =
            if phones.is_empty() { HashMap::new() } else { store::phone_holders(tx, &phones).await? };
        Ok(Holders { may_update, by_email, by_phone })
    }

    /// How many users may begin; asked only when some would.
    async fn room(&self, tx: &mut Tx, holders: &Holders, lines: &[ImportLine]) -> Result<usize, UserError> {
        let some_begin = lines.iter().any(|line| !holders.by_email.contains_key(&line.folded));
        Ok(if some_begin { store::room(tx).await? } else { 0 })
    }

    async fn decide(&self, tx: &mut Tx, holders: &Holders, line: &ImportLine) -> Result<Decision, UserError> {
        let phone_holder = line.phone.as_ref().and_then(|phone| holders.by_phone.get(phone.as_str()));
        let Some(before) = holders.by_email.get(&line.folded) else {
            return Ok(match phone_holder {
                Some(_) => Decision::refuse(Some(Field::Phone), Code::PhoneTaken),
                None => Decision::Create(Box::new(line.to_user(tx.now(), tx.context().settings()))),
            });
        };
        if !holders.may_update {
            return Ok(Decision::refuse(None, Code::PermissionDenied));
        }
        if phone_holder.is_some_and(|holder| *holder != before.id) {
            return Ok(Decision::refuse(Some(Field::Phone), Code::PhoneTaken));
        }
        let after = match line.update(before, tx.now()) {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Decision::Leave),
            Err(UserError::AddressVerified) => {
                return Ok(Decision::refuse(Some(Field::Phone), Code::AddressVerified));
            }
            Err(error) => return Err(error),
        };
        if after.phone != before.phone
            && let Err(refusal) = self.roles.require_reach(tx, before.id).await
        {
            return match refusal {
                GrantRefused::Beyond => Ok(Decision::refuse(Some(Field::Phone), Code::CannotGrant)),
                refusal => Err(refusal.into()),
            };
        }
        Ok(Decision::Update { before: Box::new(before.clone()), after: Box::new(after) })
    }

    async fn carry_out(&self, tx: &mut Tx, decisions: &[Decision]) -> Result<(), UserError> {
        let mut created = Vec::new();
        for decision in decisions {
            match decision {
                Decision::Create(user) => created.push(&**user),
                Decision::Update { before, after } => {
                    store::defer_update(tx, after);
                    self.audit.record(tx, activity("user.updated", Some(before), Some(after)));
                    tx.publish(&UserUpdated { user_id: after.id });
                }
                Decision::Leave | Decision::Refuse(_) => {}
            }
        }
        if !created.is_empty() {
            store::insert_all(tx, &created).await?;
        }
        for user in created {
            tx.admit_user(user.id, true);
            self.audit.record(tx, activity("user.created", None, Some(user)));
            tx.publish(&UserCreated { user_id: user.id });
            tx.publish(&UserInvited { user_id: user.id });
        }
        Ok(())
    }
}

impl Seen {
    /// What comes of a line of which an earlier one decides.
    fn decide(&self, holders: &Holders, line: &ImportLine) -> Option<Decision> {
        let phone_taken = line.phone.as_ref().is_some_and(|phone| self.phones.contains(phone));
        if self.emails.contains(&line.folded) {
            let decision = if holders.may_update {
                Decision::Leave
            } else {
                Decision::refuse(None, Code::PermissionDenied)
            };
            return Some(decision);
        }
        phone_taken.then(|| Decision::refuse(Some(Field::Phone), Code::PhoneTaken))
    }
}
