//! Time-based second factors.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, sql_query,
    sql_types::{Bytea, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{UserId, uuid_at},
    sealing::Place,
};

use crate::schema::totp_factors;

/// Where a user's secret is sealed: there is one a user.
pub(crate) const fn secret_place(user: UserId) -> Place {
    Place { table: "totp_factors", column: "secret_sealed", row: user.0 }
}

/// Keeps a secret that is still to be confirmed, in place of an earlier one; `false` when the factor is on already.
pub(crate) async fn put_pending(tx: &mut Tx, user: UserId, sealed: &[u8]) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = sql_query(
        "INSERT INTO totp_factors AS t (id, user_id, secret_sealed, created_at, updated_at) VALUES ($1, $2, $3, $4, $4) \
         ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret_sealed = $3, updated_at = $4 \
         WHERE t.confirmed_at IS NULL",
    )
    .bind::<SqlUuid, _>(uuid_at(now))
    .bind::<SqlUuid, _>(user.0)
    .bind::<Bytea, _>(sealed.to_vec())
    .bind::<Timestamptz, _>(now);
    Ok(cached(statement).execute(tx).await? == 1)
}

/// The secret of a factor that is on, or, with `pending`, of one still to be confirmed.
pub(crate) async fn secret(tx: &mut Tx, user: UserId, pending: bool) -> Result<Option<Vec<u8>>, DbError> {
    let rows =
        totp_factors::table.filter(totp_factors::user_id.eq(user.0)).select(totp_factors::secret_sealed);
    let sealed = if pending {
        rows.filter(totp_factors::confirmed_at.is_null()).first(tx).await
    } else {
        rows.filter(totp_factors::confirmed_at.is_not_null()).first(tx).await
    };
    Ok(sealed.optional()?)
}

/// Accepts a code of time step `step`; `false` when that step, or a later one, was accepted before, here or on another node.
pub(crate) async fn accept_step(tx: &mut Tx, user: UserId, step: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = diesel::update(totp_factors::table)
        .filter(totp_factors::user_id.eq(user.0))
        .filter(totp_factors::confirmed_at.is_not_null())
        .filter(totp_factors::last_step.lt(step))
        .set((totp_factors::last_step.eq(step), totp_factors::updated_at.eq(now)));
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Switches the factor on with the code of time step `step`; `false` when there is none to be confirmed.
pub(crate) async fn confirm(tx: &mut Tx, user: UserId, step: i64) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = diesel::update(totp_factors::table)
        .filter(totp_factors::user_id.eq(user.0))
        .filter(totp_factors::confirmed_at.is_null())
        .set((
            totp_factors::confirmed_at.eq(now),
            totp_factors::last_step.eq(step),
            totp_factors::updated_at.eq(now),
        ));
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Switches the factor off; deferred.
pub(crate) fn delete(tx: &mut Tx, user: UserId) {
    tx.defer(cached(diesel::delete(totp_factors::table.filter(totp_factors::user_id.eq(user.0)))));
}
