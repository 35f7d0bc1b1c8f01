//! What people sign in with, and the devices they did so from.

use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{Array, BigInt, Bool, Bytea, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{UserId, uuid_at},
    ports::HashedPassword,
    time::Timestamp,
};
use uuid::Uuid;

use super::attempts::{LOGIN_FAILURES, Subject};
use crate::model::Device;

/// What a login has to know, whether or not there is such an account.
#[derive(Debug, QueryableByName)]
pub(crate) struct LoginFacts {
    /// The password's row.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) credential: Option<Uuid>,
    /// The password, hashed.
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) secret: Option<String>,
    /// Of the password's row; a login goes through only if it is still this one.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub(crate) version: Option<i64>,
    /// Whether a second factor is on.
    #[diesel(sql_type = Bool)]
    pub(crate) second_factor: bool,
    /// Whether they signed in from the device before.
    #[diesel(sql_type = Bool)]
    pub(crate) known_device: bool,
    /// Whether they signed in from any device before.
    #[diesel(sql_type = Bool)]
    pub(crate) any_device: bool,
    /// Until when failures from the device itself forbid another try.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) own_delay: Option<Timestamp>,
    /// Until when failures from elsewhere do.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) foreign_delay: Option<Timestamp>,
}

/// The facts of `user`; of nobody when `None`, in the same statement.
pub(crate) async fn login_facts(
    tx: &mut Tx,
    user: Option<UserId>,
    device: Device,
    own: Subject,
    foreign: &[Subject],
) -> Result<LoginFacts, DbError> {
    let foreign: Vec<Vec<u8>> = foreign.iter().map(|subject| subject.to_vec()).collect();
    let statement = sql_query(
        "SELECT c.id AS credential, c.secret, c.version, \
                EXISTS (SELECT FROM totp_factors t WHERE t.user_id = $1 AND t.confirmed_at IS NOT NULL) AS second_factor, \
                EXISTS (SELECT FROM known_devices d WHERE d.user_id = $1 AND d.device = $2) AS known_device, \
                EXISTS (SELECT FROM known_devices d WHERE d.user_id = $1) AS any_device, \
                (SELECT a.blocked_until FROM attempts a WHERE a.kind = $3 AND a.subject = $4) AS own_delay, \
                (SELECT max(a.blocked_until) FROM attempts a WHERE a.kind = $3 AND a.subject = ANY ($5)) AS foreign_delay \
           FROM (VALUES (1)) AS always (present) \
           LEFT JOIN credentials c ON c.issuer = 'password' AND c.subject = $1::text",
    )
    .bind::<SqlUuid, _>(user.map_or(Uuid::nil(), |user| user.0))
    .bind::<Bytea, _>(device.0.to_vec())
    .bind::<Text, _>(LOGIN_FAILURES)
    .bind::<Bytea, _>(own.to_vec())
    .bind::<Array<Bytea>, _>(foreign);
    Ok(cached(statement).get_result(tx).await?)
}

/// A password as it is kept.
#[derive(Debug, QueryableByName)]
pub(crate) struct KeptPassword {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) secret: String,
    #[diesel(sql_type = BigInt)]
    pub(crate) version: i64,
}

/// The password of `user`; `None` when they have none.
pub(crate) async fn password_of(tx: &mut Tx, user: UserId) -> Result<Option<KeptPassword>, DbError> {
    let statement = sql_query(
        "SELECT id, secret, version FROM credentials WHERE issuer = 'password' AND subject = $1::text",
    )
    .bind::<SqlUuid, _>(user.0);
    Ok(cached(statement).get_result(tx).await.optional()?)
}

/// Takes note that a credential was used and, when it was hashed anew, keeps that. Answers whether the credential is still
/// the one that was checked and no failure has come meanwhile that forbids it: a hundred guesses at once are as many one
/// after the other.
pub(crate) async fn use_credential(
    tx: &mut Tx,
    credential: Uuid,
    version: i64,
    rehashed: Option<&HashedPassword>,
    delayed_by: &[Subject],
) -> Result<bool, DbError> {
    let delayed_by: Vec<Vec<u8>> = delayed_by.iter().map(|subject| subject.to_vec()).collect();
    let statement = sql_query(
        "UPDATE credentials SET last_used_at = $3, secret = coalesce($4, secret) \
          WHERE id = $1 AND version = $2 AND NOT EXISTS ( \
              SELECT FROM attempts a WHERE a.kind = $5 AND a.subject = ANY ($6) AND a.blocked_until > $3)",
    )
    .bind::<SqlUuid, _>(credential)
    .bind::<BigInt, _>(version)
    .bind::<Timestamptz, _>(tx.now())
    .bind::<Nullable<Text>, _>(rehashed.map(|hash| hash.0.expose().to_owned()))
    .bind::<Text, _>(LOGIN_FAILURES)
    .bind::<Array<Bytea>, _>(delayed_by);
    Ok(cached(statement).execute(tx).await? == 1)
}

/// Gives `user` a password, in place of the one they had; deferred.
pub(crate) fn put_password(tx: &mut Tx, user: UserId, password: &HashedPassword) {
    let now = tx.now();
    tx.defer(cached(
        sql_query(
            "INSERT INTO credentials AS c (id, user_id, issuer, subject, secret, created_at, updated_at) \
             VALUES ($1, $2, 'password', $2::text, $3, $4, $4) \
             ON CONFLICT (tenant_id, issuer, subject) DO UPDATE \
             SET secret = $3, version = c.version + 1, last_used_at = NULL, updated_at = $4",
        )
        .bind::<SqlUuid, _>(uuid_at(now))
        .bind::<SqlUuid, _>(user.0)
        .bind::<Text, _>(password.0.expose().to_owned())
        .bind::<Timestamptz, _>(now),
    ));
}

/// Takes note that `user` signed in from a device; deferred.
pub(crate) fn know_device(tx: &mut Tx, user: UserId, device: Device) {
    tx.defer(cached(
        sql_query(
            "INSERT INTO known_devices (user_id, device, last_used_at, created_at, updated_at) VALUES ($1, $2, $3, $3, $3) \
             ON CONFLICT (tenant_id, user_id, device) DO UPDATE SET last_used_at = $3, updated_at = $3",
        )
        .bind::<SqlUuid, _>(user.0)
        .bind::<Bytea, _>(device.0.to_vec())
        .bind::<Timestamptz, _>(tx.now()),
    ));
}
