//! Users in the database. Nothing outside of here knows their rows or speaks SQL.

mod find;
mod list;
mod write;

use chrono_tz::Tz;
use diesel::{Insertable, Queryable, Selectable, query_builder::AsChangeset};
use ouvira_common::{
    id::UserId,
    locale::Locale,
    text::{Email, Phone},
    time::Timestamp,
};

use crate::{
    model::{AddressStanding, Contact, Name, User},
    schema::users,
};

pub(crate) use find::{
    find, find_all, find_holders, find_verified, lock, lock_claimants, lock_lapsed, phone_holders,
};
pub(crate) use list::{Filter, count, list};
pub(crate) use write::{
    defer_update, delete, insert, insert_all, note_second_factor, note_sign_in, require_room, room, update,
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
