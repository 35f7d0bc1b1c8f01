use async_trait::async_trait;
use chrono::Duration;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    db::DbError,
    id::SessionId,
    ports::{CatalogError, NewOperatorSession, OperatorProof, OperatorSession, OperatorSessions},
};
use serde_json::json;

use super::{OperatorStore, entry, store, told};
use crate::{PlatformContext, catalog::store::log, error::TenancyError, operators::revoke::end_leave};

#[async_trait]
impl OperatorSessions for OperatorStore {
    async fn open(
        &self,
        ctx: &PlatformContext,
        new: &NewOperatorSession,
        proof: &OperatorProof,
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        let opened: Result<bool, DbError> = conn
            .transaction(async |conn| {
                let good = match proof {
                    OperatorProof::Password(proof) => {
                        store::accounts::use_password(conn, new.operator, proof, ctx.now).await?
                    }
                    OperatorProof::Login(id) => {
                        store::factors::finish(conn, *id, new.operator, ctx.now).await?
                    }
                };
                if good {
                    store::sessions::insert(conn, ctx, new).await?;
                    let details = json!({"session": new.id, "amr": new.amr, "scope": new.scope.as_str()});
                    log(conn, ctx, entry("operator.signed_in", Some(new.operator), details)).await?;
                }
                Ok(good)
            })
            .await;
        Ok(opened?)
    }

    async fn find(&self, id: SessionId) -> Result<Option<OperatorSession>, CatalogError> {
        Ok(store::sessions::find(&mut *self.catalog.connection().await?, id).await?)
    }

    async fn rotate(
        &self,
        ctx: &PlatformContext,
        id: SessionId,
        n: i64,
        idle: Duration,
    ) -> Result<Option<OperatorSession>, CatalogError> {
        Ok(store::sessions::rotate(&mut *self.catalog.connection().await?, ctx, id, n, idle).await?)
    }

    async fn end(
        &self,
        ctx: &PlatformContext,
        id: SessionId,
        reason: &'static str,
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        conn.transaction(async |conn| {
            let Some(operator) = store::sessions::end(conn, id, reason, ctx.now).await? else {
                return Ok(false);
            };
            end_leave(&self.catalog, conn, ctx, operator, Some(id)).await?;
            let details = json!({"session": id, "reason": reason});
            log(conn, ctx, entry("operator.signed_out", Some(operator), details)).await?;
            Ok::<_, TenancyError>(true)
        })
        .await
        .map_err(told)
    }
}
