//! Leave to act in one tenant, for a while.

use chrono::Duration;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    id::{GrantId, OperatorId, TenantId},
    problem::{FieldCode, FieldError, FieldErrors},
    tenant::TenantState,
    text::required_line,
    time::Timestamp,
};
use serde_json::json;

use super::{Operators, store};
use crate::{
    catalog::store::{LogEntry, log},
    error::TenancyError,
    gate,
    model::state_name,
    platform::PlatformContext,
    tenants,
};

/// A grant lasts at most so many minutes: eight hours.
const MINUTES_MAX: u32 = 480;
/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// An operator's leave to act in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorGrant {
    /// Id; the `sid` of the grant's token.
    pub id: GrantId,
    /// Who may.
    pub operator: OperatorId,
    /// Where.
    pub tenant: TenantId,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Operators {
    /// Lets `operator` act in `tenant` for 1 to 480 `minutes`. When this returns the tenant's gate knows the grant, and a
    /// token for it may be handed out. Errors: fields, [`TenancyError::NotFound`], [`TenancyError::WrongState`].
    pub async fn grant(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        tenant: TenantId,
        reason: &str,
        minutes: u32,
    ) -> Result<OperatorGrant, TenancyError> {
        let mut errors = FieldErrors::default();
        let reason = errors.check(required_line("/reason", reason, REASON_MAX));
        if !(1..=MINUTES_MAX).contains(&minutes) {
            let error = FieldError::new("/minutes", FieldCode::OutOfRange);
            errors.push(error.with("min", 1).with("max", MINUTES_MAX.into()));
        }
        let reason = errors.into_result(reason)?;

        let mut conn = self.catalog.connection().await?;
        let operator = store::find(&mut conn, operator).await?.filter(|operator| operator.active);
        let operator = operator.ok_or(TenancyError::NotFound)?.id;
        let record = tenants::store::find(&mut conn, tenant).await?.ok_or(TenancyError::NotFound)?;
        if record.state != TenantState::Active {
            return Err(TenancyError::WrongState(state_name(record.state)));
        }
        let grant = OperatorGrant {
            id: GrantId::new_at(ctx.now),
            operator,
            tenant,
            expires_at: ctx.now + Duration::minutes(minutes.into()),
        };
        // The catalog first: a row there without one at the gate opens nothing.
        conn.transaction(async |conn| {
            store::insert_grant(conn, &grant, &reason, ctx.now).await?;
            let details =
                json!({"grant_id": grant.id, "operator_id": operator, "reason": reason, "minutes": minutes});
            log(conn, ctx, LogEntry::of_tenant("operator_grant.created", tenant, details)).await?;
            Ok::<_, TenancyError>(())
        })
        .await?;
        gate::put_grant(&self.catalog, &record, grant.id, operator, grant.expires_at).await?;
        Ok(grant)
    }
}
