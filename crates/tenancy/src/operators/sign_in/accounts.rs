use async_trait::async_trait;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    id::OperatorId,
    ports::{CatalogError, CountedFailure, OperatorAccount, OperatorAccounts, OperatorFacts, OperatorLookup},
    sealing::DataKey,
    time::Timestamp,
};
use serde_json::json;

use super::{OperatorStore, entry, store};
use crate::{PlatformContext, catalog::store::log};

#[async_trait]
impl OperatorAccounts for OperatorStore {
    async fn key(&self) -> Result<DataKey, CatalogError> {
        self.data_key().await
    }

    async fn look_up(&self, lookup: &OperatorLookup, now: Timestamp) -> Result<OperatorFacts, CatalogError> {
        Ok(store::accounts::look_up(&mut *self.catalog.connection().await?, lookup, now).await?)
    }

    async fn account(&self, id: OperatorId) -> Result<Option<OperatorAccount>, CatalogError> {
        Ok(store::accounts::account(&mut *self.catalog.connection().await?, id).await?)
    }

    async fn note_failure(
        &self,
        ctx: &PlatformContext,
        operator: Option<OperatorId>,
        failures: &[CountedFailure],
    ) -> Result<(), CatalogError> {
        let details = json!({"delayed": failures.is_empty()});
        self.catalog
            .connection()
            .await?
            .transaction(async |conn| {
                for failure in failures {
                    store::attempts::note_failure(conn, failure, ctx.now).await?;
                }
                Ok(log(conn, ctx, entry("operator.sign_in_failed", operator, details.clone())).await?)
            })
            .await
    }
}
