//! Finding users, and locking those about to change.

use std::collections::HashMap;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _, dsl::not,
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx},
    id::UserId,
    text::Address,
    time::Timestamp,
};

use super::UserRow;
use crate::{model::User, schema::users};

#[diesel::dsl::auto_type(no_type_alias)]
fn present() -> _ {
    users::table.filter(users::deleted_at.is_null())
}

/// The user, unless deleted.
pub(crate) async fn find(tx: &mut Tx, id: UserId) -> Result<Option<User>, DbError> {
    let row: Option<UserRow> =
        present().filter(users::id.eq(id)).select(UserRow::as_select()).first(tx).await.optional()?;
    Ok(row.map(User::from))
}

/// The same, and nobody else changes it until the transaction ends. Rows that refer to it may still come and go.
pub(crate) async fn lock(tx: &mut Tx, id: UserId) -> Result<Option<User>, DbError> {
    let row: Option<UserRow> = present()
        .filter(users::id.eq(id))
        .select(UserRow::as_select())
        .for_no_key_update()
        .first(tx)
        .await
        .optional()?;
    Ok(row.map(User::from))
}

/// Those of the users that are there.
pub(crate) async fn find_all(tx: &mut Tx, ids: &[UserId]) -> Result<HashMap<UserId, User>, DbError> {
    let rows: Vec<UserRow> =
        present().filter(users::id.eq_any(ids)).select(UserRow::as_select()).load(tx).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.into())).collect())
}

/// Who has proven that address.
pub(crate) async fn find_verified(tx: &mut Tx, address: &Address) -> Result<Option<User>, DbError> {
    let row: Option<UserRow> = match address {
        Address::Email(email) => {
            present()
                .filter(users::email_folded.eq(email.folded()).and(users::email_verified))
                .select(UserRow::as_select())
                .first(tx)
                .await
        }
        Address::Phone(phone) => {
            present()
                .filter(users::phone.eq(phone.as_str().to_owned()).and(users::phone_verified))
                .select(UserRow::as_select())
                .first(tx)
                .await
        }
    }
    .optional()?;
    Ok(row.map(User::from))
}

/// `holder`, if they are there already, and everybody who has that address without having proven it; all locked, in one
/// order, so that two who prove the same address wait for each other and not in a circle.
pub(crate) async fn lock_claimants(
    tx: &mut Tx,
    address: &Address,
    holder: UserId,
) -> Result<Vec<User>, DbError> {
    let rows: Vec<UserRow> = match address {
        Address::Email(email) => {
            let claims = users::email_folded.eq(email.folded()).and(not(users::email_verified));
            present()
                .filter(users::id.eq(holder).or(claims))
                .order(users::id)
                .select(UserRow::as_select())
                .for_no_key_update()
                .load(tx)
                .await?
        }
        Address::Phone(phone) => {
            let claims = users::phone.eq(phone.as_str().to_owned()).and(not(users::phone_verified));
            present()
                .filter(users::id.eq(holder).or(claims))
                .order(users::id)
                .select(UserRow::as_select())
                .for_no_key_update()
                .load(tx)
                .await?
        }
    };
    Ok(rows.into_iter().map(User::from).collect())
}

/// Who holds those folded e-mail addresses, verified or on record, by address; locked if wanted.
pub(crate) async fn find_holders(
    tx: &mut Tx,
    emails: &[&str],
    lock: bool,
) -> Result<HashMap<String, User>, DbError> {
    let holders = present()
        .filter(users::email_folded.eq_any(emails))
        .filter(users::email_claimed_until.is_null().and(users::email.is_not_null()))
        .order(users::id)
        .select((users::email_folded, UserRow::as_select()));
    let rows: Vec<(String, UserRow)> =
        if lock { holders.for_no_key_update().load(tx).await? } else { holders.load(tx).await? };
    Ok(rows.into_iter().map(|(email, row)| (email, row.into())).collect())
}

/// Who holds those phone numbers, verified or on record, by number.
pub(crate) async fn phone_holders(tx: &mut Tx, phones: &[&str]) -> Result<HashMap<String, UserId>, DbError> {
    let rows: Vec<(String, UserId)> = present()
        .filter(users::phone.eq_any(phones).and(users::phone_claimed_until.is_null()))
        .select((users::phone.assume_not_null(), users::id))
        .load(tx)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Some of those whose claim to an address has lapsed at `now`, locked; whoever is being changed is left for later.
pub(crate) async fn lock_lapsed(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<User>, DbError> {
    let lapsed = users::email_claimed_until.le(now).or(users::phone_claimed_until.le(now));
    let rows: Vec<UserRow> = present()
        .filter(lapsed)
        .limit(limit)
        .select(UserRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .load(tx)
        .await?;
    Ok(rows.into_iter().map(User::from).collect())
}
