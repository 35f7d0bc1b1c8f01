//! Leave to act in one tenant, for a while.

use async_trait::async_trait;
use chrono::Duration;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    context::Pass,
    id::GrantId,
    ports::{
        Activity, CatalogError, Changes, NewOperatorGrant, OperatorGrant, OperatorGrantError, OperatorGrants,
        Outcome, SecurityEvent,
    },
    problem::{FieldCode, FieldError, FieldErrors},
    tenant::TenantState,
    text::required_line,
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::{
    PlatformContext, Tenants,
    catalog::store::{LogEntry, log},
    error::TenancyError,
    gate,
    model::{TenantRecord, state_name},
    tenants,
};

/// A grant lasts at most so many minutes: eight hours.
const MINUTES_MAX: u32 = 480;
/// Longest reason, in characters.
const REASON_MAX: usize = 500;

/// A reason and an end that are valid.
struct Terms {
    reason: String,
    expires_at: Timestamp,
}

impl Terms {
    fn parse(new: &NewOperatorGrant, now: Timestamp) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let reason = errors.check(required_line("/reason", &new.reason, REASON_MAX));
        if !(1..=MINUTES_MAX).contains(&new.minutes) {
            let error = FieldError::new("/minutes", FieldCode::OutOfRange);
            errors.push(error.with("min", 1).with("max", MINUTES_MAX.into()));
        }
        let expires_at = now + Duration::minutes(new.minutes.min(MINUTES_MAX).into());
        errors.into_result(reason.map(|reason| Self { reason, expires_at }))
    }
}

#[async_trait]
impl OperatorGrants for Tenants {
    async fn grant(
        &self,
        ctx: &PlatformContext,
        new: &NewOperatorGrant,
    ) -> Result<OperatorGrant, OperatorGrantError> {
        let terms = Terms::parse(new, ctx.now)?;
        let mut conn = self.deps.catalog.connection().await.map_err(CatalogError::from)?;
        let record = tenants::store::find(&mut conn, new.tenant).await.map_err(CatalogError::from)?;
        let record = record.ok_or_else(|| FieldErrors::unknown_reference("/tenant_id"))?;
        if record.state != TenantState::Active {
            return Err(OperatorGrantError::WrongState(state_name(record.state)));
        }
        let grant = OperatorGrant {
            id: GrantId::new_at(ctx.now),
            operator: new.operator,
            tenant: new.tenant,
            expires_at: terms.expires_at,
        };
        let given = conn
            .transaction(async |conn| {
                if !store::may_take_leave(conn, new.operator, new.session, ctx.now).await? {
                    return Ok(false);
                }
                store::insert_grant(conn, &grant, new.session, &terms.reason, ctx.now).await?;
                let details = json!({
                    "grant_id": grant.id, "operator_id": grant.operator, "reason": terms.reason,
                    "minutes": new.minutes,
                });
                log(conn, ctx, LogEntry::of_tenant("operator_grant.created", grant.tenant, details)).await?;
                // The tenant's log before its gate: nobody comes in who is not written down there. And the gate before the
                // end of this transaction, which keeps the session from ending meanwhile.
                self.tell_of_grant(ctx, &record, &grant, &terms.reason).await?;
                gate::put_grant(&self.deps.catalog, &record, grant.id, grant.operator, grant.expires_at)
                    .await?;
                Ok(true)
            })
            .await
            .map_err(refused)?;
        if given { Ok(grant) } else { Err(OperatorGrantError::NotActive) }
    }
}

impl Tenants {
    async fn tell_of_grant(
        &self,
        ctx: &PlatformContext,
        tenant: &TenantRecord,
        grant: &OperatorGrant,
        reason: &str,
    ) -> Result<(), TenancyError> {
        let ctx = Self::context(ctx, tenant.to_tenant(&self.deps.keys)?, Pass::Job(Uuid::nil()));
        let changes = Changes::new().public("reason", None, Some(reason)).public(
            "expires_at",
            None,
            Some(grant.expires_at),
        );
        let activity = Activity::new("operator_grant.created", "operator_grant", grant.id.0).changes(changes);
        self.deps
            .db
            .write(&ctx, async |tx| {
                tx.open().await?;
                self.deps.audit.record(tx, activity.clone());
                let event = SecurityEvent {
                    event: "operator_grant.created",
                    outcome: Outcome::Success,
                    user: None,
                    details: json!({"grant": grant.id, "operator": grant.operator}),
                };
                self.deps.audit.security(tx, event);
                Ok(())
            })
            .await
    }
}

fn refused(error: TenancyError) -> OperatorGrantError {
    match error {
        TenancyError::Db(error) => CatalogError::from(error).into(),
        TenancyError::Key(error) => CatalogError::from(error).into(),
        other => OperatorGrantError::Unavailable(other.to_string()),
    }
}
