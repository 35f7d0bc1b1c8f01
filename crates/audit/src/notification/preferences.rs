//! What a user decides about notifications.

use std::collections::BTreeMap;

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, AuditSink as _, Changes},
    problem::{FieldCode, FieldError, FieldErrors},
};
use serde::Serialize;

use super::{store, texts::kinds};
use crate::{Audit, AuditError};

/// How one kind of notification reaches its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Preference {
    /// It is put into their list.
    pub in_app: bool,
    /// It is mailed to them.
    pub email: bool,
}

impl Preference {
    /// What holds for a kind unless its user decides otherwise. What concerns the security of an account always reaches
    /// its user both ways (ASVS 6.3.7).
    const fn default_of(binding: bool) -> Self {
        Self { in_app: true, email: binding }
    }
}

/// By kind of notification.
pub type Preferences = BTreeMap<String, Preference>;

impl Audit {
    /// What the caller decided: every kind, with its default where they decided nothing.
    pub async fn read_preferences(&self, ctx: &RequestContext) -> Result<Preferences, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let decided =
            self.db.read(ctx, async |tx| Ok::<_, AuditError>(store::preferences(tx, user).await?)).await?;
        Ok(completed(&decided))
    }

    /// Replaces what the caller decided; a kind that is left out gets its default. Answers all kinds.
    pub async fn replace_preferences(
        &self,
        ctx: &RequestContext,
        preferences: Preferences,
    ) -> Result<Preferences, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let decided = departures(preferences)?;
        self.db
            .write(ctx, async |tx| {
                let before = completed(&store::preferences(tx, user).await?);
                let after = completed(&decided);
                if after == before {
                    return Ok(after);
                }
                store::replace_preferences(tx, user, &decided);
                let changes = Changes::new().public("kinds", Some(&before), Some(&after));
                let replaced =
                    Activity::new("notification_preferences.updated", "notification_preferences", user.0);
                self.recorder.record(tx, replaced.changes(changes));
                Ok(after)
            })
            .await
    }
}

/// Every kind, as decided or by default.
fn completed(decided: &Preferences) -> Preferences {
    kinds()
        .map(|(kind, binding)| {
            let preference = decided.get(kind).copied().unwrap_or(Preference::default_of(binding));
            (kind.to_owned(), preference)
        })
        .collect()
}

/// What differs from the defaults; fails for kinds that are not known and for binding ones that do.
fn departures(preferences: Preferences) -> Result<Preferences, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut decided = Preferences::new();
    for (kind, preference) in preferences {
        match kinds().find(|(known, _)| *known == kind) {
            Some((_, binding)) if preference == Preference::default_of(binding) => {}
            Some((_, false)) => {
                decided.insert(kind, preference);
            }
            Some((_, true)) => {
                let member = if preference.in_app { "email" } else { "in_app" };
                errors.push(FieldError::new(format!("/kinds/{kind}/{member}"), FieldCode::InvalidChoice));
            }
            None => {
                let escaped = kind.replace('~', "~0").replace('/', "~1");
                errors.push(FieldError::new(format!("/kinds/{escaped}"), FieldCode::InvalidChoice));
            }
        }
    }
    errors.into_result(Some(decided))
}
