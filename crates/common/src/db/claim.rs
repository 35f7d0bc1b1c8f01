//! How a transaction takes an `Idempotency-Key`, and how it waits for its answer.

use std::sync::Arc;

use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Binary, Nullable, Timestamptz},
};
use diesel_async::RunQueryDsl as _;

use super::{DbError, KeyRefusal, Tx, cached, run::Hint};
use crate::{
    entropy::Entropy,
    idempotency::{Answer, Claim, Hold},
    tenant::Tenant,
};

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Nullable<Binary>)]
    fingerprint: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    answer: Option<Vec<u8>>,
}

/// A use case that is done, in a transaction that is not: it ends with the answer.
pub(crate) struct Pending {
    tx: Tx,
    hold: Hold,
    hint: Option<(Hint, Arc<Tenant>)>,
}

impl Tx {
    /// Goes through the gate and takes the key of `claim`, both in one flight. Errors: [`DbError::Key`].
    pub(super) async fn take_key(&mut self, claim: &Claim) -> Result<Hold, DbError> {
        let data_key = self.context().tenant().data_key.clone();
        let hold = claim.hold(&data_key, self.context().principal());
        let take = sql_query("SELECT fingerprint, answer FROM ouvira_core.claim_key($1, $2, $3)")
            .bind::<Binary, _>(hold.key.to_vec())
            .bind::<BigInt, _>(hold.lock)
            .bind::<Timestamptz, _>(self.now());
        let kept: Option<Kept> = cached(take).get_result(self).await.optional()?;
        match kept.ok_or(KeyRefusal::InProgress)? {
            Kept { fingerprint: Some(fingerprint), .. } if fingerprint != hold.fingerprint => {
                Err(KeyRefusal::Reused.into())
            }
            Kept { answer: Some(sealed), .. } => {
                claim.answered(hold.open(&data_key, &sealed)?);
                Err(KeyRefusal::Answered.into())
            }
            _ => Ok(hold),
        }
    }
}

impl Pending {
    pub(super) fn new(tx: Tx, hold: Hold, hint: Option<(Hint, Arc<Tenant>)>) -> Self {
        Self { tx, hold, hint }
    }

    /// The transaction, to go on with; what was deferred is sent, so that it can be read.
    pub(super) async fn resume(&mut self) -> Result<&mut Tx, DbError> {
        self.tx.send_deferred().await?;
        Ok(&mut self.tx)
    }

    /// Queues `answer`, to be kept with the effect.
    pub(crate) fn keep(&mut self, answer: &Answer, entropy: &dyn Entropy) {
        let (now, data_key) = (self.tx.now(), &self.tx.context().tenant().data_key);
        let sealed = self.hold.seal(data_key, answer, entropy);
        let keep = sql_query("SELECT ouvira_core.keep_answer($1, $2, $3, $4, $5)")
            .bind::<Binary, _>(self.hold.key.to_vec())
            .bind::<Binary, _>(self.hold.fingerprint.to_vec())
            .bind::<Binary, _>(sealed)
            .bind::<Timestamptz, _>(now)
            .bind::<Timestamptz, _>(Hold::expires_at(now));
        self.tx.defer(cached(keep));
    }

    pub(crate) async fn commit(self) -> Result<(), DbError> {
        self.tx.commit().await?;
        if let Some((hint, tenant)) = self.hint {
            hint(&tenant.placement);
        }
        Ok(())
    }

    pub(crate) async fn roll_back(self) {
        self.tx.roll_back().await;
    }
}
