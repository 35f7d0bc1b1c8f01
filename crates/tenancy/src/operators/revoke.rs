//! The end of what operators have: leave to act in tenants, sessions, a second factor that was lost.

use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use ouvira_common::id::{OperatorId, SessionId};
use serde_json::json;

use super::{Operators, create::entry, sign_in, store};
use crate::{
    PlatformContext,
    catalog::{
        Catalog,
        store::{LogEntry, log},
    },
    error::TenancyError,
    gate, tenants,
};

impl Operators {
    /// Takes an operator's second factor away, for one who lost it: they sign in by password alone and, in production, have
    /// to set up a new one first. All of their sessions end. Errors: [`TenancyError::NotFound`].
    pub async fn reset_second_factor(
        &self,
        ctx: &PlatformContext,
        id: OperatorId,
    ) -> Result<(), TenancyError> {
        self.catalog
            .connection()
            .await?
            .transaction(async |conn| {
                store::find(conn, id).await?.ok_or(TenancyError::NotFound)?;
                sign_in::store::remove_factor(conn, id).await?;
                self.sign_out(conn, ctx, id, "factor_changed").await?;
                log(conn, ctx, entry("operator.second_factor_reset", id)).await?;
                Ok(())
            })
            .await
    }

    /// Ends all sessions of an operator, logins half way through, and all leave they have.
    pub(super) async fn sign_out(
        &self,
        conn: &mut AsyncPgConnection,
        ctx: &PlatformContext,
        id: OperatorId,
        reason: &str,
    ) -> Result<(), TenancyError> {
        sign_in::store::end_sessions(conn, id, reason, ctx.now).await?;
        end_leave(&self.catalog, conn, ctx, id, None).await
    }
}

/// Ends the leave that an operator took, in one session or in all: at the tenants' gates, within the transaction that notes
/// it. When one of them cannot be reached, nothing of the transaction stays, and the same call completes it.
pub(super) async fn end_leave(
    catalog: &Catalog,
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
    operator: OperatorId,
    session: Option<SessionId>,
) -> Result<(), TenancyError> {
    for (grant, tenant) in store::revoke_grants(conn, operator, session, ctx.now).await? {
        // The gate of a tenant that is gone is gone with it.
        if let Some(record) = tenants::store::find(conn, tenant).await? {
            gate::revoke_grant(catalog, &record, grant).await?;
        }
        let details = json!({"grant_id": grant, "operator_id": operator});
        log(conn, ctx, LogEntry::of_tenant("operator_grant.revoked", tenant, details)).await?;
    }
    Ok(())
}
