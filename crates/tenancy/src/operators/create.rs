//! A new operator ("createsuperuser").

use diesel_async::AsyncConnection as _;
use ouvira_common::{id::OperatorId, ports::HashedPassword, problem::FieldErrors, text::Email};
use serde_json::json;

use super::{Operator, Operators, store};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
};

impl Operators {
    /// Makes an operator who signs in with `email` and the password behind `hash`. Errors: a field error at `/email`,
    /// [`TenancyError::OperatorTaken`].
    pub async fn create(
        &self,
        ctx: &PlatformContext,
        email: &str,
        hash: &HashedPassword,
    ) -> Result<Operator, TenancyError> {
        let email = Email::parse("/email", email).map_err(FieldErrors::from)?;
        let operator = Operator {
            id: OperatorId::new_at(ctx.now),
            email: email.as_str().to_owned(),
            active: true,
            created_at: ctx.now,
            updated_at: ctx.now,
            version: 1,
        };
        self.catalog
            .connection()
            .await?
            .transaction(async |conn| {
                store::insert(conn, &operator, &email.folded(), hash).await.map_err(taken)?;
                log(conn, ctx, entry("operator.created", operator.id)).await?;
                Ok::<_, TenancyError>(())
            })
            .await?;
        Ok(operator)
    }
}

pub(super) fn entry(action: &'static str, operator: OperatorId) -> LogEntry {
    LogEntry {
        action,
        object_type: "operator",
        object_id: operator.to_string(),
        tenant: None,
        details: json!({}),
    }
}

fn taken(error: ouvira_common::db::DbError) -> TenancyError {
    if error.violates_unique("operators_email_key") { TenancyError::OperatorTaken } else { error.into() }
}
