//! Codes on their way.

use diesel::{
    ExpressionMethods as _, OptionalExtension as _, PgExpressionMethods as _, QueryDsl as _, Queryable,
    Selectable, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::UserId,
    sealing::Place,
    text::Channel,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    config::CODE_TRIES,
    model::{AddressHash, ChallengeId, Purpose, SealedAddress},
    schema::challenges,
};

/// Where the address of a challenge is sealed.
pub(crate) const fn address_place(id: ChallengeId) -> Place {
    Place { table: "challenges", column: "address_sealed", row: id.0 }
}

/// A challenge about to be kept.
pub(crate) struct NewChallenge {
    pub(crate) id: ChallengeId,
    pub(crate) purpose: Purpose,
    pub(crate) user: Option<UserId>,
    pub(crate) address_hash: AddressHash,
    pub(crate) address: SealedAddress,
    pub(crate) code_hash: [u8; 32],
    pub(crate) decoy: bool,
    pub(crate) resend_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Keeps a challenge; deferred.
pub(crate) fn insert(tx: &mut Tx, new: NewChallenge) {
    let now = tx.now();
    tx.defer(diesel::insert_into(challenges::table).values((
        challenges::id.eq(new.id.0),
        challenges::purpose.eq(new.purpose.as_str()),
        challenges::user_id.eq(new.user.map(|user| user.0)),
        challenges::channel.eq(new.address.channel.as_str()),
        challenges::address_hash.eq(new.address_hash.0.to_vec()),
        challenges::address_sealed.eq(new.address.sealed),
        challenges::code_hash.eq(new.code_hash.to_vec()),
        challenges::decoy.eq(new.decoy),
        challenges::resend_at.eq(new.resend_at),
        challenges::expires_at.eq(new.expires_at),
        challenges::created_at.eq(now),
        challenges::updated_at.eq(now),
    )));
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenges, check_for_backend(diesel::pg::Pg))]
struct Row {
    purpose: String,
    user_id: Option<Uuid>,
    channel: String,
    address_hash: Vec<u8>,
    address_sealed: Vec<u8>,
    code_hash: Vec<u8>,
    decoy: bool,
    tries: i16,
    sends: i16,
    resend_at: Timestamp,
}

/// A challenge that is neither used nor lapsed nor spent.
pub(crate) struct OpenChallenge {
    pub(crate) purpose: Purpose,
    pub(crate) user: Option<UserId>,
    pub(crate) address_hash: AddressHash,
    pub(crate) address: SealedAddress,
    pub(crate) code_hash: Vec<u8>,
    pub(crate) decoy: bool,
    pub(crate) tries: i16,
    pub(crate) sends: i16,
    pub(crate) resend_at: Timestamp,
}

impl From<Row> for OpenChallenge {
    fn from(row: Row) -> Self {
        let channel = if row.channel == Channel::Sms.as_str() { Channel::Sms } else { Channel::Email };
        Self {
            purpose: Purpose::parse(&row.purpose).expect("a constraint names the purposes"),
            user: row.user_id.map(UserId),
            address_hash: AddressHash(
                row.address_hash.try_into().expect("a constraint keeps the hash at 32 bytes"),
            ),
            address: SealedAddress { channel, sealed: row.address_sealed },
            code_hash: row.code_hash,
            decoy: row.decoy,
            tries: row.tries,
            sends: row.sends,
            resend_at: row.resend_at,
        }
    }
}

/// The challenge of `user`, locked until the transaction ends, with one try taken from it; `None` when it takes none any
/// more.
pub(crate) async fn take_try(
    tx: &mut Tx,
    id: ChallengeId,
    purpose: Purpose,
    user: Option<UserId>,
) -> Result<Option<OpenChallenge>, DbError> {
    let now = tx.now();
    let statement = diesel::update(challenges::table)
        .filter(challenges::id.eq(id.0))
        .filter(challenges::purpose.eq(purpose.as_str()))
        .filter(challenges::user_id.is_not_distinct_from(user.map(|user| user.0)))
        .filter(challenges::used_at.is_null())
        .filter(challenges::expires_at.gt(now))
        .filter(challenges::tries.lt(CODE_TRIES))
        .set((challenges::tries.eq(challenges::tries + 1), challenges::updated_at.eq(now)))
        .returning(Row::as_returning());
    Ok(cached(statement).get_result::<Row>(tx).await.optional()?.map(OpenChallenge::from))
}

/// The challenge, locked until the transaction ends; `None` when it takes no code any more.
pub(crate) async fn lock(tx: &mut Tx, id: ChallengeId) -> Result<Option<OpenChallenge>, DbError> {
    let now = tx.now();
    let row = challenges::table
        .filter(challenges::id.eq(id.0))
        .filter(challenges::used_at.is_null())
        .filter(challenges::expires_at.gt(now))
        .filter(challenges::tries.lt(CODE_TRIES))
        .select(Row::as_select())
        .for_update()
        .first::<Row>(tx)
        .await
        .optional()?;
    Ok(row.map(OpenChallenge::from))
}

/// From now on a new code fits, and only that; deferred. The tries stay.
pub(crate) fn replace_code(
    tx: &mut Tx,
    id: ChallengeId,
    code_hash: [u8; 32],
    resend_at: Timestamp,
    expires_at: Timestamp,
) {
    let now = tx.now();
    tx.defer(cached(diesel::update(challenges::table).filter(challenges::id.eq(id.0)).set((
        challenges::code_hash.eq(code_hash.to_vec()),
        challenges::sends.eq(challenges::sends + 1),
        challenges::resend_at.eq(resend_at),
        challenges::expires_at.eq(expires_at),
        challenges::updated_at.eq(now),
    ))));
}

/// The code was right: it is not right again; deferred.
pub(crate) fn use_up(tx: &mut Tx, id: ChallengeId) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(challenges::table)
            .filter(challenges::id.eq(id.0))
            .set((challenges::used_at.eq(now), challenges::updated_at.eq(now))),
    ));
}
