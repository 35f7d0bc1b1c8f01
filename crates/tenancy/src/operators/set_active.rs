//! Switching an operator off and on.

use diesel_async::AsyncConnection as _;
use ouvira_common::id::OperatorId;

use super::{Operators, create::entry, store};
use crate::{catalog::store::log, error::TenancyError, platform::PlatformContext};

impl Operators {
    /// From now on the operator may sign in, or may not. Errors: [`TenancyError::NotFound`].
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
                log(conn, ctx, entry(action, id)).await?;
                Ok(())
            })
            .await
    }
}
