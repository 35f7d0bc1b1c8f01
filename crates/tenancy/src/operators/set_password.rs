//! A new password for an operator.

use diesel_async::AsyncConnection as _;
use ouvira_common::{id::OperatorId, ports::HashedPassword};

use super::{Operators, create::entry, store};
use crate::{PlatformContext, catalog::store::log, error::TenancyError};

impl Operators {
    /// Gives the operator the password behind `hash`; all of their sessions end, and the leave taken in them. Errors: [`TenancyError::NotFound`].
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
                self.sign_out(conn, ctx, id, "password_changed").await?;
                log(conn, ctx, entry("operator.password_changed", id)).await?;
                Ok(())
            })
            .await
    }
}
