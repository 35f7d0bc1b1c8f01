//! Marking notifications read.

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, AuditSink as _, Changes},
    problem::{FieldCode, FieldError, FieldErrors},
};
use uuid::Uuid;

use super::store;
use crate::{Audit, AuditError};

/// Most ids in one call.
const MOST: usize = 100;

/// Which notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marked {
    /// Every one that is unread.
    All,
    /// These; others' and unknown ones count for nothing.
    Ids(Vec<Uuid>),
}

impl Marked {
    /// From the members of which exactly one must be there: `ids` (1 to 100), or `all`, which must be true.
    pub fn parse(ids: Option<Vec<Uuid>>, all: Option<bool>) -> Result<Self, FieldErrors> {
        let error = match (ids, all) {
            (None, Some(true)) => return Ok(Self::All),
            (Some(ids), None) if ids.is_empty() => FieldError::new("/ids", FieldCode::Empty),
            (Some(ids), None) if ids.len() > MOST => {
                FieldError::new("/ids", FieldCode::TooMany).with("max", 100)
            }
            (Some(ids), None) => return Ok(Self::Ids(ids)),
            (None, Some(false)) => FieldError::new("/all", FieldCode::InvalidChoice),
            (None, None) => FieldError::new("/ids", FieldCode::Required),
            (Some(_), Some(_)) => FieldError::new("/all", FieldCode::Exclusive),
        };
        Err(error.into())
    }
}

impl Audit {
    /// Marks notifications of the caller read and answers how many were not.
    pub async fn mark_read(&self, ctx: &RequestContext, marked: &Marked) -> Result<usize, AuditError> {
        let user = ctx.user_id().ok_or(AuditError::NotAUser)?;
        let ids = match marked {
            Marked::All => None,
            Marked::Ids(ids) => Some(ids.as_slice()),
        };
        self.db
            .write(ctx, async |tx| {
                let marked = store::mark_read(tx, user, ids, ctx.now()).await?;
                if marked > 0 {
                    let changes = Changes::new().public("marked", None, Some(marked));
                    let read = Activity::new("notification.marked_read", "notification", Uuid::nil());
                    self.recorder.record(tx, read.changes(changes));
                }
                Ok(marked)
            })
            .await
    }
}
