use async_trait::async_trait;
use diesel_async::AsyncConnection as _;
use ouvira_common::{
    db::DbError,
    id::OperatorId,
    ports::{
        CatalogError, FactorProof, GuessCount, Guessed, NewOperatorLogin, OperatorLoginTry,
        OperatorSecondFactors, PasswordProof,
    },
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use super::{OperatorStore, entry, store};
use crate::{PlatformContext, catalog::store::log};

#[async_trait]
impl OperatorSecondFactors for OperatorStore {
    async fn begin(
        &self,
        ctx: &PlatformContext,
        login: NewOperatorLogin,
        proof: &PasswordProof,
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        let begun: Result<bool, DbError> = conn
            .transaction(async |conn| {
                let good = store::accounts::use_password(conn, login.operator, proof, ctx.now).await?;
                if good {
                    store::factors::begin(conn, &login, ctx.now).await?;
                }
                Ok(good)
            })
            .await;
        Ok(begun?)
    }

    async fn take_try(
        &self,
        login: Uuid,
        tries: i16,
        now: Timestamp,
    ) -> Result<Option<OperatorLoginTry>, CatalogError> {
        Ok(store::factors::take_try(&mut *self.catalog.connection().await?, login, tries, now).await?)
    }

    async fn count_guess(
        &self,
        operator: OperatorId,
        guessed: Guessed,
        now: Timestamp,
    ) -> Result<GuessCount, CatalogError> {
        Ok(store::attempts::count(&mut *self.catalog.connection().await?, operator, guessed, now).await?)
    }

    async fn accept(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        proof: Option<FactorProof>,
    ) -> Result<bool, CatalogError> {
        let mut conn = self.catalog.connection().await?;
        let accepted: Result<bool, DbError> = conn
            .transaction(async |conn| {
                let good = match proof {
                    None => false,
                    Some(FactorProof::Step(step)) => {
                        store::factors::accept_step(conn, operator, step, ctx.now).await?
                    }
                    Some(FactorProof::BackupCode(hash)) => {
                        store::factors::redeem(conn, operator, &hash).await?
                    }
                };
                if good {
                    store::attempts::give_back(conn, operator, Guessed::SecondFactor, ctx.now).await?;
                } else {
                    log(conn, ctx, entry("operator.second_factor_refused", Some(operator), json!({})))
                        .await?;
                }
                Ok(good)
            })
            .await;
        Ok(accepted?)
    }
}
