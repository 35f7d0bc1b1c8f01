//! Writing users, and the words they are found by.

use diesel::{
    ExpressionMethods as _, QueryDsl as _, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Quota, Tx, cached},
    id::UserId,
    time::Timestamp,
};

use super::WrittenRow;
use crate::{
    model::User,
    schema::{user_search_tokens, users},
    search,
};

/// How many users there are, counted to `limit`.
async fn count_to(tx: &mut Tx, limit: i64) -> Result<i64, DbError> {
    #[derive(QueryableByName)]
    struct Counted {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let counted: Counted = cached(
        sql_query("SELECT count(*) FROM (SELECT FROM users WHERE deleted_at IS NULL LIMIT $1) u")
            .bind::<BigInt, _>(limit),
    )
    .get_result(tx)
    .await?;
    Ok(counted.count)
}

/// How many more users the tenant may have; nobody else adds any until the transaction ends.
pub(crate) async fn room(tx: &mut Tx) -> Result<usize, DbError> {
    let Some(quota) = tx.hold_quota(Quota::Users).await? else { return Ok(usize::MAX) };
    Ok(quota.room(count_to(tx, quota.limit()).await?))
}

/// Fails when the tenant has as many users as it may have.
pub(crate) async fn require_room(tx: &mut Tx) -> Result<(), DbError> {
    match tx.hold_quota(Quota::Users).await? {
        Some(quota) => quota.admit(count_to(tx, quota.limit()).await?),
        None => Ok(()),
    }
}

/// Writes a new user and the words they are found by.
pub(crate) async fn insert(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    diesel::insert_into(users::table).values(WrittenRow::from(user)).execute(tx).await?;
    index(tx, user);
    Ok(())
}

/// Writes new users and the words they are found by, in the order of their addresses: so do others, and nobody waits in
/// a circle.
pub(crate) async fn insert_all(tx: &mut Tx, new: &[&User]) -> Result<(), DbError> {
    let mut rows: Vec<WrittenRow> = new.iter().map(|user| WrittenRow::from(*user)).collect();
    rows.sort_unstable_by(|a, b| a.email_folded.cmp(&b.email_folded));
    diesel::insert_into(users::table).values(rows).execute(tx).await?;
    let words = new.iter().flat_map(|user| search::tokens(user).into_iter().map(|token| (user.id, token)));
    let (ids, tokens): (Vec<UserId>, Vec<String>) = words.unzip();
    tx.defer(cached(
        sql_query("INSERT INTO user_search_tokens (user_id, token) SELECT * FROM unnest($1, $2)")
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Text>, _>(tokens),
    ));
    Ok(())
}

/// Writes what people changed of a user; the row must be locked.
pub(crate) async fn update(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    cached(diesel::update(users::table.filter(users::id.eq(user.id))).set(WrittenRow::from(user)))
        .execute(tx)
        .await?;
    reindex(tx, user);
    Ok(())
}

/// The same for who waits for no answer.
pub(crate) fn defer_update(tx: &mut Tx, user: &User) {
    tx.defer(cached(diesel::update(users::table.filter(users::id.eq(user.id))).set(WrittenRow::from(user))));
    reindex(tx, user);
}

/// The user is deleted as of `at`, and found no more.
pub(crate) fn delete(tx: &mut Tx, user: UserId, at: Timestamp) {
    let gone = (users::deleted_at.eq(at), users::updated_at.eq(at), users::active.eq(false));
    tx.defer(cached(diesel::update(users::table.filter(users::id.eq(user))).set(gone)));
    tx.defer(diesel::delete(user_search_tokens::table.filter(user_search_tokens::user_id.eq(user))));
}

/// Auth's note of a login.
pub(crate) fn note_sign_in(tx: &mut Tx, user: UserId, at: Timestamp) {
    tx.defer(cached(
        diesel::update(users::table.filter(users::id.eq(user))).set(users::last_login_at.eq(at)),
    ));
}

/// Auth's note of a second factor.
pub(crate) fn note_second_factor(tx: &mut Tx, user: UserId, on: bool) {
    tx.defer(cached(
        diesel::update(users::table.filter(users::id.eq(user))).set(users::two_factor_enabled.eq(on)),
    ));
}

fn index(tx: &mut Tx, user: &User) {
    tx.defer(cached(
        sql_query(
            "INSERT INTO user_search_tokens (user_id, token) SELECT $1, unnest($2) ON CONFLICT DO NOTHING",
        )
        .bind::<SqlUuid, _>(user.id)
        .bind::<Array<Text>, _>(search::tokens(user)),
    ));
}

fn reindex(tx: &mut Tx, user: &User) {
    let stale = user_search_tokens::table
        .filter(user_search_tokens::user_id.eq(user.id))
        .filter(user_search_tokens::token.ne_all(search::tokens(user)));
    tx.defer(diesel::delete(stale));
    index(tx, user);
}
