//! Switching an operator off and on.

use diesel_async::AsyncConnection as _;
use ouvira_common::id::OperatorId;

use super::{Operators, create::entry, store};
use crate::{PlatformContext, catalog::store::log, error::TenancyError};

impl Operators {
    /// From now on the operator may sign in, or may not: then all of their sessions end, and all leave they have to act in
    /// tenants. Errors: [`TenancyError::NotFound`].
    pub async fn set_active(
        &self,
        ctx: &PlatformContext,
        id: OperatorId,
        active: bool,
    ) -> Result<(), TenancyError> {
        let action = if active { "operator.activated" } else { "operator.deactivated" };
        self.catalog
            .connection()
            .await?
            .transaction(async |conn| {
                if !store::set_active(conn, id, active, ctx.now).await? {
                    return Err(TenancyError::NotFound);
                }
                if !active {
                    self.sign_out(conn, ctx, id, "deactivated").await?;
                }
                log(conn, ctx, entry(action, id)).await?;
                Ok(())
            })
            .await
    }
}
