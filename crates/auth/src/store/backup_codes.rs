//! Backup codes.

use diesel::{
    ExpressionMethods as _, QueryDsl as _, sql_query,
    sql_types::{Array, Bytea, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{UserId, uuid_at},
};
use uuid::Uuid;

use crate::schema::backup_codes;

/// Gives `user` these codes in place of all they had; deferred.
pub(crate) fn replace(tx: &mut Tx, user: UserId, hashes: &[[u8; 32]]) {
    let now = tx.now();
    delete(tx, user);
    let ids: Vec<Uuid> = hashes.iter().map(|_| uuid_at(now)).collect();
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    tx.defer(cached(
        sql_query(
            "INSERT INTO backup_codes (id, user_id, code_hash, created_at, updated_at) \
             SELECT c.id, $3, c.code_hash, $4, $4 FROM unnest($1, $2) AS c (id, code_hash)",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Bytea>, _>(hashes)
        .bind::<SqlUuid, _>(user.0)
        .bind::<Timestamptz, _>(now),
    ));
}

/// Uses a code up; `false` when `user` has no such code, or used it before.
pub(crate) async fn redeem(tx: &mut Tx, user: UserId, hash: [u8; 32]) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = diesel::update(backup_codes::table)
        .filter(backup_codes::user_id.eq(user.0))
        .filter(backup_codes::code_hash.eq(hash.to_vec()))
        .filter(backup_codes::used_at.is_null())
        .set((backup_codes::used_at.eq(now), backup_codes::updated_at.eq(now)));
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Takes all codes from `user`; deferred.
pub(crate) fn delete(tx: &mut Tx, user: UserId) {
    tx.defer(cached(diesel::delete(backup_codes::table.filter(backup_codes::user_id.eq(user.0)))));
}
