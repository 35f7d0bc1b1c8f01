//! Second factors of operators, and logins that wait for them.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, sql_query,
    sql_types::{Bytea, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{DbError, cached},
    id::OperatorId,
    ports::{CountedSubject, NewOperatorLogin, OperatorLoginTry},
    time::Timestamp,
};
use uuid::Uuid;

use crate::schema::ouvira_catalog::{
    operator_backup_codes, operator_login_challenges as logins, operator_totp_factors as factors,
};

/// Keeps a login that waits.
pub(in super::super) async fn begin(
    conn: &mut AsyncPgConnection,
    login: &NewOperatorLogin,
    now: Timestamp,
) -> Result<(), DbError> {
    let values = (
        logins::id.eq(login.id),
        logins::operator_id.eq(login.operator),
        logins::expires_at.eq(login.expires_at),
        logins::created_at.eq(now),
    );
    diesel::insert_into(logins::table).values(values).execute(conn).await?;
    Ok(())
}

/// A login with one try taken from it; `None` when it takes none any more.
pub(in super::super) async fn take_try(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    tries: i16,
    now: Timestamp,
) -> Result<Option<OperatorLoginTry>, DbError> {
    let waiting = logins::used_at.is_null().and(logins::expires_at.gt(now)).and(logins::tries.lt(tries));
    let taken: Option<(OperatorId, i16)> = diesel::update(logins::table.find(id).filter(waiting))
        .set(logins::tries.eq(logins::tries + 1))
        .returning((logins::operator_id, logins::tries))
        .get_result(conn)
        .await
        .optional()?;
    Ok(taken.map(|(operator, tries)| OperatorLoginTry { operator, tries }))
}

/// The login goes through, once; `false` when it did before, lapsed, or its operator was switched off.
pub(in super::super) async fn finish(
    conn: &mut AsyncPgConnection,
    id: Uuid,
    operator: OperatorId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let finish = sql_query(
        "UPDATE ouvira_catalog.operator_login_challenges c SET used_at = $3 FROM ouvira_catalog.operators o \
          WHERE c.id = $1 AND c.operator_id = $2 AND c.used_at IS NULL AND c.expires_at > $3 \
            AND o.id = c.operator_id AND o.active",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(operator.0)
    .bind::<Timestamptz, _>(now);
    Ok(cached(finish).execute(conn).await? == 1)
}

/// The secret of a factor that is on, or, with `pending`, of one still to be confirmed.
pub(in super::super) async fn secret(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    pending: bool,
) -> Result<Option<Vec<u8>>, DbError> {
    let secret = factors::table
        .find(operator)
        .filter(factors::confirmed_at.is_null().eq(pending))
        .select(factors::secret_sealed)
        .first(conn)
        .await;
    Ok(secret.optional()?)
}

/// Keeps a secret that is still to be confirmed, in place of an earlier one; `false` when the factor is on.
pub(in super::super) async fn put_pending(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    sealed: &[u8],
    now: Timestamp,
) -> Result<bool, DbError> {
    let put = sql_query(
        "INSERT INTO ouvira_catalog.operator_totp_factors AS t (operator_id, secret_sealed, created_at, updated_at) \
         VALUES ($1, $2, $3, $3) \
         ON CONFLICT (operator_id) DO UPDATE SET secret_sealed = $2, updated_at = $3 WHERE t.confirmed_at IS NULL",
    )
    .bind::<SqlUuid, _>(operator.0)
    .bind::<Bytea, _>(sealed.to_vec())
    .bind::<Timestamptz, _>(now);
    Ok(cached(put).execute(conn).await? == 1)
}

/// Switches the factor on with the code of time step `step`; `false` when there is none to be confirmed.
pub(in super::super) async fn confirm(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    step: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let confirmed = diesel::update(factors::table.find(operator).filter(factors::confirmed_at.is_null()))
        .set((factors::confirmed_at.eq(now), factors::last_step.eq(step), factors::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(confirmed == 1)
}

/// Accepts a code of time step `step`; `false` when that step, or a later one, was accepted before, here or elsewhere.
pub(in super::super) async fn accept_step(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    step: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let fresh = factors::confirmed_at.is_not_null().and(factors::last_step.lt(step));
    let accepted = diesel::update(factors::table.find(operator).filter(fresh))
        .set((factors::last_step.eq(step), factors::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(accepted == 1)
}

/// Uses a backup code up; `false` when there is none such.
pub(in super::super) async fn redeem(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    hash: &CountedSubject,
) -> Result<bool, DbError> {
    let redeemed =
        diesel::delete(operator_backup_codes::table.find((operator, hash.as_slice()))).execute(conn).await?;
    Ok(redeemed == 1)
}

/// Keeps these backup codes in place of all former ones.
pub(in super::super) async fn replace_backup_codes(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    hashes: &[CountedSubject],
    now: Timestamp,
) -> Result<(), DbError> {
    use operator_backup_codes as codes;
    diesel::delete(codes::table.filter(codes::operator_id.eq(operator))).execute(conn).await?;
    let rows: Vec<_> = hashes
        .iter()
        .map(|hash| {
            (codes::operator_id.eq(operator), codes::code_hash.eq(hash.as_slice()), codes::created_at.eq(now))
        })
        .collect();
    diesel::insert_into(codes::table).values(rows).execute(conn).await?;
    Ok(())
}

/// Takes away the factor, confirmed or not, and its backup codes.
pub(in crate::operators) async fn remove(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
) -> Result<(), DbError> {
    diesel::delete(factors::table.find(operator)).execute(conn).await?;
    let codes = operator_backup_codes::table.filter(operator_backup_codes::operator_id.eq(operator));
    diesel::delete(codes).execute(conn).await?;
    Ok(())
}
