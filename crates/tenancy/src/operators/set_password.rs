//! A new password for an operator.

use diesel_async::AsyncConnection as _;
use ouvira_common::{id::OperatorId, ports::HashedPassword};

use super::{Operators, create::entry, store};
use crate::{catalog::store::log, error::TenancyError, platform::PlatformContext};

impl Operators {
    /// Gives the operator the password behind `hash`. Errors: [`TenancyError::NotFound`].
    pub async fn set_password(
        &self,
        ctx: &PlatformContext,
        id: OperatorId,
        hash: &HashedPassword,
    ) -> Result<(), TenancyError> {
        self.catalog
            .connection()
            .await?
            .transaction(async |conn| {
                if !store::set_password(conn, id, hash, ctx.now).await? {
                    return Err(TenancyError::NotFound);
                }
                log(conn, ctx, entry("operator.password_changed", id)).await?;
                Ok(())
            })
            .await
    }
}
