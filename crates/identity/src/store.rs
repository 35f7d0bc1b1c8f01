//! Users in the database.

use std::collections::HashMap;

use chrono_tz::Tz;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    Queryable, Selectable, SelectableHelper as _,
    dsl::{exists, not},
    query_builder::AsChangeset,
    sql_query,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::UserId,
    locale::Locale,
    text::{Address, Email, Phone},
    time::Timestamp,
};

use crate::{
    list::{After, Sort},
    model::{AddressStanding, Contact, Name, User},
    schema::{user_search_tokens, users},
    search::{self, Prefix},
};

/// One user at most holds an e-mail address, and
pub(crate) const EMAIL_HELD: &str = "users_email_held";
/// one at most a phone number.
pub(crate) const PHONE_HELD: &str = "users_phone_held";

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
#[expect(clippy::struct_excessive_bools, reason = "as the table has them")]
struct UserRow {
    id: UserId,
    email: Option<String>,
    email_verified: bool,
    email_claimed_until: Option<Timestamp>,
    phone: Option<String>,
    phone_verified: bool,
    phone_claimed_until: Option<Timestamp>,
    first_name: String,
    last_name: String,
    locale: String,
    timezone: String,
    active: bool,
    two_factor_enabled: bool,
    last_login_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            email: row.email.map(|text| Contact {
                address: Email::stored(text),
                standing: standing(row.email_verified, row.email_claimed_until),
            }),
            phone: row.phone.map(|text| Contact {
                address: Phone::stored(text),
                standing: standing(row.phone_verified, row.phone_claimed_until),
            }),
            first_name: Name::stored(row.first_name),
            last_name: Name::stored(row.last_name),
            locale: Locale::from_tag(&row.locale).unwrap_or_default(),
            timezone: row.timezone.parse().unwrap_or(Tz::UTC),
            active: row.active,
            two_factor_enabled: row.two_factor_enabled,
            last_login_at: row.last_login_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

fn standing(verified: bool, claimed_until: Option<Timestamp>) -> AddressStanding {
    match (verified, claimed_until) {
        (true, _) => AddressStanding::Verified,
        (false, Some(until)) => AddressStanding::Claimed { until },
        (false, None) => AddressStanding::OnRecord,
    }
}

fn claimed_until<A>(contact: Option<&Contact<A>>) -> Option<Timestamp> {
    match contact?.standing {
        AddressStanding::Claimed { until } => Some(until),
        AddressStanding::OnRecord | AddressStanding::Verified => None,
    }
}

/// What people write of a user; the rest is noted by the system.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
struct WrittenRow {
    id: UserId,
    email: Option<String>,
    email_folded: String,
    email_verified: bool,
    email_claimed_until: Option<Timestamp>,
    phone: Option<String>,
    phone_verified: bool,
    phone_claimed_until: Option<Timestamp>,
    first_name: String,
    last_name: String,
    locale: &'static str,
    timezone: &'static str,
    active: bool,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<&User> for WrittenRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.as_ref().map(|contact| contact.address.as_str().to_owned()),
            email_folded: folded_email(user),
            email_verified: user.email_verified(),
            email_claimed_until: claimed_until(user.email.as_ref()),
            phone: user.phone.as_ref().map(|contact| contact.address.as_str().to_owned()),
            phone_verified: user.phone_verified(),
            phone_claimed_until: claimed_until(user.phone.as_ref()),
            first_name: user.first_name.as_str().to_owned(),
            last_name: user.last_name.as_str().to_owned(),
            locale: user.locale.as_str(),
            timezone: user.timezone.name(),
            active: user.active,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}

/// What the address is compared and sorted by; empty when there is none.
pub(crate) fn folded_email(user: &User) -> String {
    user.email.as_ref().map(|contact| contact.address.folded()).unwrap_or_default()
}

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

/// What a list is narrowed to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) active: Option<bool>,
    pub(crate) words: Vec<Prefix>,
}

type Found<'q> = users::BoxedQuery<'q, diesel::pg::Pg>;

fn found(filter: &Filter) -> Found<'_> {
    let mut query: Found<'_> = users::table.into_boxed().filter(users::deleted_at.is_null());
    if let Some(active) = filter.active {
        query = query.filter(users::active.eq(active));
    }
    for word in &filter.words {
        let matching = user_search_tokens::table
            .filter(user_search_tokens::user_id.eq(users::id))
            .filter(user_search_tokens::token.ge(&word.from).and(user_search_tokens::token.lt(&word.below)));
        query = query.filter(exists(matching));
    }
    query
}

/// At most `limit` users in order, after the one where the page before ended.
pub(crate) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    sort: Sort,
    after: Option<&After>,
    limit: i64,
) -> Result<Vec<User>, DbError> {
    let mut query = found(filter).limit(limit);
    query = match (sort, after) {
        (Sort::Oldest, Some(after)) => query.filter(users::id.gt(after.id)),
        (Sort::Newest, Some(after)) => query.filter(users::id.lt(after.id)),
        // The first condition is what the index can use.
        (Sort::Email, Some(after)) => query
            .filter(users::email_folded.ge(&after.email))
            .filter(users::email_folded.gt(&after.email).or(users::id.gt(after.id))),
        (_, None) => query,
    };
    query = match sort {
        Sort::Oldest => query.order(users::id.asc()),
        Sort::Newest => query.order(users::id.desc()),
        Sort::Email => query.order((users::email_folded.asc(), users::id.asc())),
    };
    let rows: Vec<UserRow> = query.select(UserRow::as_select()).load(tx).await?;
    Ok(rows.into_iter().map(User::from).collect())
}

/// How many there are.
pub(crate) async fn count(tx: &mut Tx, filter: &Filter) -> Result<i64, DbError> {
    Ok(found(filter).count().get_result(tx).await?)
}

/// Writes a new user and the words they are found by.
pub(crate) async fn insert(tx: &mut Tx, user: &User) -> Result<(), DbError> {
    diesel::insert_into(users::table).values(WrittenRow::from(user)).execute(tx).await?;
    index(tx, user);
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
