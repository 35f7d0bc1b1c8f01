use async_trait::async_trait;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    db::DbError,
    id::{OperatorId, SessionId},
    ports::{CatalogError, CountedSubject, Guessed, OperatorEnrolment},
};
use serde_json::json;

use super::{OperatorStore, entry, store};
use crate::{PlatformContext, catalog::store::log};

#[async_trait]
impl OperatorEnrolment for OperatorStore {
    async fn secret(&self, operator: OperatorId, pending: bool) -> Result<Option<Vec<u8>>, CatalogError> {
        Ok(store::factors::secret(&mut *self.catalog.connection().await?, operator, pending).await?)
    }

    async fn put_pending(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        sealed: &[u8],
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        let kept: Result<bool, DbError> = conn
            .transaction(async |conn| {
                store::attempts::give_back(conn, operator, Guessed::Password, ctx.now).await?;
                store::factors::put_pending(conn, operator, sealed, ctx.now).await
            })
            .await;
        Ok(kept?)
    }

    async fn confirm(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        session: SessionId,
        step: i64,
        backup_codes: &[CountedSubject],
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        let confirmed: Result<bool, DbError> = conn
            .transaction(async |conn| {
                if !store::factors::confirm(conn, operator, step, ctx.now).await? {
                    return Ok(false);
                }
                store::attempts::give_back(conn, operator, Guessed::SecondFactor, ctx.now).await?;
                store::factors::replace_backup_codes(conn, operator, backup_codes, ctx.now).await?;
                store::sessions::strengthen(conn, session, ctx.now).await?;
                let details = json!({"session": session});
                log(conn, ctx, entry("operator.second_factor_enabled", Some(operator), details)).await?;
                Ok(true)
            })
            .await;
        Ok(confirmed?)
    }
}
