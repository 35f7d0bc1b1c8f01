//! What is asked, and what is answered.

use std::collections::HashMap;

use ouvira_common::{
    db::Tx,
    id::{CompanyId, UserId},
    problem::{FieldCode, FieldError, FieldErrors},
};

use super::Assumptions;
use crate::{
    AccessControl, AccessError,
    decision::{ObjectName, PermissionRef, Via},
    store,
};

/// Most questions at once.
pub(super) const MAX: usize = 100;

/// Whether somebody holds a permission.
#[derive(Debug, Clone)]
pub struct Question {
    /// Code of the permission.
    pub permission: String,
    /// In which company; tenant-wide when there is none.
    pub company: Option<CompanyId>,
    /// On which object of that company; then a grant on it suffices too.
    pub object: Option<ObjectName>,
    /// Who; the caller when `None`.
    pub user: Option<UserId>,
}

/// Questions asked together.
#[derive(Debug, Clone, Default)]
pub struct Questions {
    /// One to a hundred.
    pub checks: Vec<Question>,
    /// Whether to tell why.
    pub explain: bool,
    /// What to take as given.
    pub assume: Assumptions,
}

/// Whether they may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// They may.
    pub allowed: bool,
    /// Why, where that was asked.
    pub because: Option<Because>,
}

/// Why somebody may or may not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// Everything that gives it to them.
    Held(Vec<Reason>),
    /// Nothing gives them this permission.
    Missing(String),
}

/// One thing that gives somebody a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Code of the role behind it; `None` for a grant to the user.
    pub role: Option<String>,
    /// Where the role is held; `None` for the whole tenant.
    pub company: Option<CompanyId>,
    /// How it came to them.
    pub via: Via,
}

impl Questions {
    /// Fails when there are none, or too many.
    pub(super) fn require_some(&self) -> Result<(), FieldErrors> {
        if self.checks.is_empty() {
            return Err(FieldError::new("/checks", FieldCode::Empty).into());
        }
        if self.checks.len() > MAX {
            let many = FieldError::new("/checks", FieldCode::TooMany);
            return Err(many.with("max", i64::try_from(MAX).unwrap_or(i64::MAX)).into());
        }
        Ok(())
    }
}

impl AccessControl {
    /// The permissions asked for, one for each question. A code that nobody declared is an unknown reference: asked for
    /// by mistake, it would be refused for ever.
    pub(super) async fn asked_permissions(
        &self,
        tx: &mut Tx,
        questions: &[Question],
    ) -> Result<Vec<PermissionRef>, AccessError> {
        let catalogue = self.catalogue();
        let codes = questions.iter().map(|question| question.permission.as_str());
        let custom: Vec<&str> = codes.filter(|code| catalogue.by_code(code).is_none()).collect();
        let custom: HashMap<String, _> = if custom.is_empty() {
            HashMap::new()
        } else {
            store::permissions::by_codes(tx, &custom).await?.into_iter().collect()
        };
        let mut asked = Vec::with_capacity(questions.len());
        let mut fields = FieldErrors::default();
        for (place, Question { permission, .. }) in questions.iter().enumerate() {
            let system = catalogue.by_code(permission).map(|system| catalogue.reference(system.declared));
            if let Some(found) =
                system.or_else(|| custom.get(permission).map(|id| PermissionRef::Custom(id.0)))
            {
                asked.push(found);
            } else {
                let pointer = format!("/checks/{place}/permission");
                fields.push(FieldError::new(pointer, FieldCode::UnknownReference));
            }
        }
        Ok(fields.into_result(Some(asked))?)
    }
}
