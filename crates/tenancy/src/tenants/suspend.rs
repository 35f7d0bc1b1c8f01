//! Switching a tenant off.

use diesel_async::AsyncConnection as _;
use ouvira_common::{id::TenantId, ports::Changes, tenant::TenantState};
use serde_json::json;

use super::{Tenants, store};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
    gate,
    model::{TenantRecord, state_name},
};

/// Changes of state between those of [`TenantState`].
pub(super) struct Transition {
    pub(super) from: &'static [TenantState],
    pub(super) to: TenantState,
    /// In the logs.
    pub(super) action: &'static str,
}

const SUSPEND: Transition =
    Transition { from: &[TenantState::Active], to: TenantState::Suspended, action: "tenant.suspended" };

impl Tenants {
    /// Suspends an active tenant: when this returns, nobody of it reads or writes anything, on any node, and what was
    /// being written is written. One that is suspended stays so. Errors: [`TenancyError::NotFound`],
    /// [`TenancyError::WrongState`].
    pub async fn suspend(&self, ctx: &PlatformContext, id: TenantId) -> Result<TenantRecord, TenancyError> {
        self.change_state(ctx, id, &SUSPEND, |_| {}).await
    }

    /// Changes the state at the gate, which has the last word, then in the catalog; `also` is changed with it there. When
    /// it is interrupted between the two, the same call completes it.
    pub(super) async fn change_state(
        &self,
        ctx: &PlatformContext,
        id: TenantId,
        transition: &Transition,
        also: impl FnOnce(&mut TenantRecord) + Send,
    ) -> Result<TenantRecord, TenancyError> {
        let before = self.find(id).await?;
        if before.state == transition.to {
            return Ok(before);
        }
        if !transition.from.contains(&before.state) {
            return Err(TenancyError::WrongState(state_name(before.state)));
        }
        // The target is among the states it may have: an interrupted call got so far.
        let mut from: Vec<&str> = transition.from.iter().map(|state| state_name(*state)).collect();
        from.push(state_name(transition.to));
        if !gate::change_state(&self.deps.catalog, &before, &from, state_name(transition.to)).await? {
            return Err(TenancyError::WrongState("being changed by somebody else"));
        }

        let mut after = TenantRecord {
            state: transition.to,
            updated_at: ctx.now,
            version: before.version + 1,
            ..before.clone()
        };
        also(&mut after);
        self.deps
            .catalog
            .connection()
            .await?
            .transaction(async |conn| {
                if !store::update(conn, &after, before.version).await? {
                    return Err(TenancyError::VersionMismatch);
                }
                let details = json!({"from": state_name(before.state)});
                log(conn, ctx, LogEntry::of_tenant(transition.action, id, details)).await?;
                Ok(())
            })
            .await?;
        let changes = Changes::new().public("status", Some(before.state), Some(after.state));
        self.tell(ctx, &after, transition.action, changes).await?;
        Ok(after)
    }
}
