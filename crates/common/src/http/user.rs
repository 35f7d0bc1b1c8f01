//! A user on the wire: the same in the profile, in lists and in the answer to a login.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    id::UserId,
    locale::Locale,
    ports::Person,
    text::{Email, Phone},
    time::Timestamp,
};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of the contract")]
pub struct UserView {
    /// Id.
    pub id: UserId,
    /// E-mail address.
    pub email: Option<String>,
    /// Whether they have proven that it is theirs.
    pub email_verified: bool,
    /// Phone number, E.164.
    pub phone: Option<String>,
    /// Whether they have proven that it is theirs.
    pub phone_verified: bool,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Language.
    pub locale: Locale,
    /// IANA time zone.
    pub timezone: String,
    /// Whether they may sign in.
    pub is_active: bool,
    /// Whether a second factor is on.
    pub two_factor_enabled: bool,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When somebody last changed them.
    pub updated_at: Timestamp,
    /// Of the user, for `If-Match`.
    pub version: i64,
}

impl From<&Person> for UserView {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id,
            email: person.email.as_ref().map(Email::as_str).map(str::to_owned),
            email_verified: person.email_verified,
            phone: person.phone.as_ref().map(Phone::as_str).map(str::to_owned),
            phone_verified: person.phone_verified,
            first_name: person.first_name.clone(),
            last_name: person.last_name.clone(),
            locale: person.locale,
            timezone: person.timezone.clone(),
            is_active: person.active,
            two_factor_enabled: person.two_factor_enabled,
            last_login_at: person.last_login_at,
            created_at: person.created_at,
            updated_at: person.updated_at,
            version: person.version,
        }
    }
}
