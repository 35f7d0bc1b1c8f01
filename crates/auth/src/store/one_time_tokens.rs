//! Tokens that work once.

use diesel::{ExpressionMethods as _, OptionalExtension as _, Queryable, Selectable, SelectableHelper as _};
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
    model::{OneTimeToken, SealedAddress, TokenPurpose},
    schema::one_time_tokens,
};

/// Where the address behind a token is sealed.
pub(crate) const fn address_place(id: Uuid) -> Place {
    Place { table: "one_time_tokens", column: "address_sealed", row: id }
}

/// Keeps a token for `user`, for an address, or for both; deferred.
pub(crate) fn insert(
    tx: &mut Tx,
    token: OneTimeToken,
    user: Option<UserId>,
    address: Option<SealedAddress>,
    expires_at: Timestamp,
) {
    let now = tx.now();
    tx.defer(diesel::insert_into(one_time_tokens::table).values((
        one_time_tokens::id.eq(token.id),
        one_time_tokens::purpose.eq(token.purpose.as_str()),
        one_time_tokens::user_id.eq(user.map(|user| user.0)),
        one_time_tokens::channel.eq(address.as_ref().map(|address| address.channel.as_str())),
        one_time_tokens::address_sealed.eq(address.map(|address| address.sealed)),
        one_time_tokens::expires_at.eq(expires_at),
        one_time_tokens::created_at.eq(now),
        one_time_tokens::updated_at.eq(now),
    )));
}

/// Keeps a token whose id may be there already; answers whether it was not.
pub(crate) async fn insert_once(
    tx: &mut Tx,
    token: OneTimeToken,
    user: UserId,
    address: SealedAddress,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    let now = tx.now();
    let statement = diesel::insert_into(one_time_tokens::table)
        .values((
            one_time_tokens::id.eq(token.id),
            one_time_tokens::purpose.eq(token.purpose.as_str()),
            one_time_tokens::user_id.eq(user.0),
            one_time_tokens::channel.eq(address.channel.as_str()),
            one_time_tokens::address_sealed.eq(address.sealed),
            one_time_tokens::expires_at.eq(expires_at),
            one_time_tokens::created_at.eq(now),
            one_time_tokens::updated_at.eq(now),
        ))
        .on_conflict_do_nothing();
    Ok(cached(statement).execute(tx).await? == 1)
}

/// What a token stood for.
pub(crate) struct Redeemed {
    pub(crate) user: Option<UserId>,
    pub(crate) address: Option<SealedAddress>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = one_time_tokens, check_for_backend(diesel::pg::Pg))]
struct Row {
    user_id: Option<Uuid>,
    channel: Option<String>,
    address_sealed: Option<Vec<u8>>,
}

impl From<Row> for Redeemed {
    fn from(row: Row) -> Self {
        let address = |(channel, sealed): (String, Vec<u8>)| SealedAddress {
            channel: if channel == Channel::Sms.as_str() { Channel::Sms } else { Channel::Email },
            sealed,
        };
        Self { user: row.user_id.map(UserId), address: row.channel.zip(row.address_sealed).map(address) }
    }
}

/// Uses a token up; `None` when it was used before, has lapsed or never was.
pub(crate) async fn redeem(tx: &mut Tx, token: OneTimeToken) -> Result<Option<Redeemed>, DbError> {
    let now = tx.now();
    let statement = diesel::update(one_time_tokens::table)
        .filter(one_time_tokens::id.eq(token.id))
        .filter(one_time_tokens::purpose.eq(token.purpose.as_str()))
        .filter(one_time_tokens::used_at.is_null())
        .filter(one_time_tokens::expires_at.gt(now))
        .set((one_time_tokens::used_at.eq(now), one_time_tokens::updated_at.eq(now)))
        .returning(Row::as_returning());
    Ok(cached(statement).get_result::<Row>(tx).await.optional()?.map(Redeemed::from))
}

/// Every token of `user` for `purpose` that waits is void; deferred.
pub(crate) fn void(tx: &mut Tx, user: UserId, purpose: TokenPurpose) {
    let now = tx.now();
    tx.defer(cached(
        diesel::update(one_time_tokens::table)
            .filter(one_time_tokens::user_id.eq(user.0))
            .filter(one_time_tokens::purpose.eq(purpose.as_str()))
            .filter(one_time_tokens::used_at.is_null())
            .set((one_time_tokens::used_at.eq(now), one_time_tokens::updated_at.eq(now))),
    ));
}
