//! Operators and their passwords, and the catalog's data key.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{DbError, cached},
    id::OperatorId,
    ports::{HashedPassword, OperatorAccount, OperatorFacts, OperatorLookup, PasswordProof},
    secret::Secret,
    time::Timestamp,
};
use uuid::Uuid;

use super::attempts::FAILURES;
use crate::schema::ouvira_catalog::catalog_key;

/// The catalog's data key and the name of what wraps it.
pub(in super::super) async fn catalog_key(
    conn: &mut AsyncPgConnection,
) -> Result<Option<(String, Vec<u8>)>, DbError> {
    let columns = (catalog_key::data_key_kid, catalog_key::data_key);
    Ok(catalog_key::table.select(columns).first(conn).await.optional()?)
}

/// Keeps one unless there is one.
pub(in super::super) async fn keep_catalog_key(
    conn: &mut AsyncPgConnection,
    kid: &str,
    wrapped: &[u8],
) -> Result<(), DbError> {
    diesel::insert_into(catalog_key::table)
        .values((catalog_key::data_key_kid.eq(kid), catalog_key::data_key.eq(wrapped)))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Facts {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    password_hash: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    version: Option<i64>,
    #[diesel(sql_type = Bool)]
    second_factor: bool,
    #[diesel(sql_type = Bool)]
    known_device: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    own_delay: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    foreign_delay: Option<Timestamp>,
}

impl Facts {
    fn account(&self) -> Option<OperatorAccount> {
        Some(OperatorAccount {
            id: OperatorId(self.id?),
            email: self.email.clone()?,
            password: HashedPassword(Secret::new(self.password_hash.clone()?)),
            version: self.version?,
            second_factor: self.second_factor,
        })
    }
}

const SECOND_FACTOR: &str = "EXISTS (SELECT FROM ouvira_catalog.operator_totp_factors t \
    WHERE t.operator_id = o.id AND t.confirmed_at IS NOT NULL)";

/// What a login has to know; of nobody in the same statement.
pub(in super::super) async fn look_up(
    conn: &mut AsyncPgConnection,
    lookup: &OperatorLookup,
    now: Timestamp,
) -> Result<OperatorFacts, DbError> {
    let foreign: Vec<Vec<u8>> = lookup.foreign.iter().map(|subject| subject.to_vec()).collect();
    let statement = sql_query(format!(
        "SELECT o.id, o.email, o.password_hash, o.version, {SECOND_FACTOR} AS second_factor, \
                EXISTS (SELECT FROM ouvira_catalog.operator_sessions s \
                         WHERE s.operator_id = o.id AND s.device = $2) AS known_device, \
                (SELECT a.blocked_until FROM ouvira_catalog.operator_attempts a \
                  WHERE a.kind = $3 AND a.subject = $4 AND a.blocked_until > $6) AS own_delay, \
                (SELECT max(a.blocked_until) FROM ouvira_catalog.operator_attempts a \
                  WHERE a.kind = $3 AND a.subject = ANY ($5) AND a.blocked_until > $6) AS foreign_delay \
           FROM (VALUES (1)) AS always (present) \
           LEFT JOIN ouvira_catalog.operators o ON o.email_folded = $1 AND o.active"
    ))
    .bind::<Text, _>(lookup.email.as_ref().map(ouvira_common::text::Email::folded).unwrap_or_default())
    .bind::<Bytea, _>(lookup.device.to_vec())
    .bind::<Text, _>(FAILURES)
    .bind::<Bytea, _>(lookup.own.to_vec())
    .bind::<Array<Bytea>, _>(foreign)
    .bind::<Timestamptz, _>(now);
    let facts: Facts = cached(statement).get_result(conn).await?;
    Ok(OperatorFacts {
        account: facts.account(),
        known_device: facts.known_device,
        own_delay: facts.own_delay,
        foreign_delay: facts.foreign_delay,
    })
}

/// An active operator.
pub(in super::super) async fn account(
    conn: &mut AsyncPgConnection,
    id: OperatorId,
) -> Result<Option<OperatorAccount>, DbError> {
    let statement = sql_query(format!(
        "SELECT o.id, o.email, o.password_hash, o.version, {SECOND_FACTOR} AS second_factor, \
                false AS known_device, NULL::timestamptz AS own_delay, NULL::timestamptz AS foreign_delay \
           FROM ouvira_catalog.operators o WHERE o.id = $1 AND o.active"
    ))
    .bind::<SqlUuid, _>(id.0);
    let facts: Option<Facts> = cached(statement).get_result(conn).await.optional()?;
    Ok(facts.and_then(|facts| facts.account()))
}

/// Takes note that the password was right. Answers whether it still is the one, and no failure has come meanwhile that
/// forbids it: a hundred guesses at once are as many one after the other.
pub(in super::super) async fn use_password(
    conn: &mut AsyncPgConnection,
    operator: OperatorId,
    proof: &PasswordProof,
    now: Timestamp,
) -> Result<bool, DbError> {
    let delaying: Vec<Vec<u8>> = proof.delaying.iter().map(|subject| subject.to_vec()).collect();
    // Locked first: whoever switches the operator off, or changes the password, comes before or after.
    let statement = sql_query(
        "UPDATE ouvira_catalog.operators SET password_hash = coalesce($3, password_hash) \
          WHERE id = $1 AND version = $2 AND active AND NOT EXISTS ( \
                SELECT FROM ouvira_catalog.operator_attempts a \
                 WHERE a.kind = $4 AND a.subject = ANY ($5) AND a.blocked_until > $6)",
    )
    .bind::<SqlUuid, _>(operator.0)
    .bind::<BigInt, _>(proof.version)
    .bind::<Nullable<Text>, _>(proof.rehashed.as_ref().map(|hash| hash.0.expose().to_owned()))
    .bind::<Text, _>(FAILURES)
    .bind::<Array<Bytea>, _>(delaying)
    .bind::<Timestamptz, _>(now);
    if cached(statement).execute(conn).await? != 1 {
        return Ok(false);
    }
    let forget = sql_query("DELETE FROM ouvira_catalog.operator_attempts WHERE kind = $1 AND subject = $2")
        .bind::<Text, _>(FAILURES)
        .bind::<Bytea, _>(proof.forgotten.to_vec());
    cached(forget).execute(conn).await?;
    Ok(true)
}
