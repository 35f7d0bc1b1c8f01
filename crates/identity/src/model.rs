//! A user of a tenant.

use chrono::Duration;
use chrono_tz::Tz;
use ouvira_common::{
    id::UserId,
    locale::Locale,
    ports::{Changes, Person},
    problem::FieldError,
    settings::TenantSettings,
    text::{self, Address, Channel, Email, Phone},
    time::Timestamp,
};

/// How long an address that was never proven stays with whoever claims it.
const CLAIM: Duration = Duration::days(7);

/// A first or last name: one line of at most 100 characters, perhaps empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The longest, in characters.
    pub const MAX: usize = 100;

    /// Parses `text`; an error points at `pointer`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        text::line(pointer, text, Self::MAX).map(Self)
    }

    /// As much of `text` as a name can have.
    pub(crate) fn fitting(text: &str) -> Self {
        let plain: String = text.chars().filter(|c| !c.is_control()).collect();
        let cut: String = plain.trim().chars().take(Self::MAX).collect();
        Self(cut.trim_end().to_owned())
    }

    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// As typed, trimmed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How an address stands with its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressStanding {
    /// The user says so. Others may say the same; it is forgotten at that time.
    Claimed {
        /// When it lapses.
        until: Timestamp,
    },
    /// An administrator wrote it down. Nobody else can have it, but for whoever proves that it is theirs.
    OnRecord,
    /// The user has proven it.
    Verified,
}

impl AddressStanding {
    /// What a claim made at `now` is.
    pub(crate) fn claimed_at(now: Timestamp) -> Self {
        Self::Claimed { until: now + CLAIM }
    }

    fn has_lapsed(self, now: Timestamp) -> bool {
        matches!(self, Self::Claimed { until } if until <= now)
    }
}

/// An address of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact<A> {
    /// The address.
    pub address: A,
    /// How it stands.
    pub standing: AddressStanding,
}

impl<A> Contact<A> {
    pub(crate) fn new(address: A, standing: AddressStanding) -> Self {
        Self { address, standing }
    }

    /// Whether the user has proven it.
    pub fn is_verified(&self) -> bool {
        self.standing == AddressStanding::Verified
    }
}

/// A person inside one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// E-mail address.
    pub email: Option<Contact<Email>>,
    /// Phone number.
    pub phone: Option<Contact<Phone>>,
    /// First name.
    pub first_name: Name,
    /// Last name.
    pub last_name: Name,
    /// Language.
    pub locale: Locale,
    /// Time zone.
    pub timezone: Tz,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether a second factor is on, as auth noted.
    pub two_factor_enabled: bool,
    /// When they last signed in, as auth noted.
    pub last_login_at: Option<Timestamp>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When somebody last changed them.
    pub updated_at: Timestamp,
    /// Raised by each change made by people.
    pub version: i64,
}

impl User {
    /// Somebody new without names or addresses, in the tenant's language and time zone.
    pub(crate) fn new_at(now: Timestamp, settings: &TenantSettings) -> Self {
        Self {
            id: UserId::new_at(now),
            email: None,
            phone: None,
            first_name: Name::default(),
            last_name: Name::default(),
            locale: settings.locale,
            timezone: default_timezone(settings),
            active: true,
            two_factor_enabled: false,
            last_login_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// Whether the e-mail address is proven.
    pub fn email_verified(&self) -> bool {
        self.email.as_ref().is_some_and(Contact::is_verified)
    }

    /// Whether the phone number is proven.
    pub fn phone_verified(&self) -> bool {
        self.phone.as_ref().is_some_and(Contact::is_verified)
    }

    /// Whether they have ever proven who they are, and so hold the account.
    pub(crate) fn is_proven(&self) -> bool {
        self.email_verified() || self.phone_verified()
    }

    /// Has `address` in place of a former one of its kind, standing like that.
    pub(crate) fn take_up(&mut self, address: &Address, standing: AddressStanding) {
        match address.clone() {
            Address::Email(email) => self.email = Some(Contact::new(email, standing)),
            Address::Phone(phone) => self.phone = Some(Contact::new(phone, standing)),
        }
    }

    /// Loses the address of that kind.
    pub(crate) fn give_up(&mut self, kind: Channel) {
        match kind {
            Channel::Email => self.email = None,
            Channel::Sms => self.phone = None,
        }
    }

    /// Loses the addresses whose claim has lapsed at `now`.
    pub(crate) fn forget_lapsed(&mut self, now: Timestamp) {
        self.email.take_if(|contact| contact.standing.has_lapsed(now));
        self.phone.take_if(|contact| contact.standing.has_lapsed(now));
    }

    /// Marks a change made by people at `now`.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }

    /// What others than identity may know of them.
    pub fn to_person(&self) -> Person {
        Person {
            id: self.id,
            email: self.email.as_ref().map(|contact| contact.address.clone()),
            email_verified: self.email_verified(),
            phone: self.phone.as_ref().map(|contact| contact.address.clone()),
            phone_verified: self.phone_verified(),
            first_name: self.first_name.as_str().to_owned(),
            last_name: self.last_name.as_str().to_owned(),
            locale: self.locale,
            timezone: self.timezone.name().to_owned(),
            active: self.active,
            two_factor_enabled: self.two_factor_enabled,
            last_login_at: self.last_login_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }

    /// What changed from `before` (nothing: they began) to `after` (nothing: they ended), for the activity log.
    pub(crate) fn changes(before: Option<&Self>, after: Option<&Self>) -> Changes {
        fn of<T>(user: Option<&User>, field: impl Fn(&User) -> Option<T>) -> Option<T> {
            user.and_then(field)
        }
        let email =
            |user| of(user, |user| user.email.as_ref().map(|contact| contact.address.as_str().to_owned()));
        let phone =
            |user| of(user, |user| user.phone.as_ref().map(|contact| contact.address.as_str().to_owned()));
        let first_name = |user| of(user, |user| Some(user.first_name.as_str().to_owned()));
        let last_name = |user| of(user, |user| Some(user.last_name.as_str().to_owned()));
        Changes::new()
            .personal("email", email(before), email(after))
            .personal("phone", phone(before), phone(after))
            .personal("first_name", first_name(before), first_name(after))
            .personal("last_name", last_name(before), last_name(after))
            .public("email_verified", before.map(Self::email_verified), after.map(Self::email_verified))
            .public("phone_verified", before.map(Self::phone_verified), after.map(Self::phone_verified))
            .public("locale", before.map(|user| user.locale), after.map(|user| user.locale))
            .public(
                "timezone",
                before.map(|user| user.timezone.name()),
                after.map(|user| user.timezone.name()),
            )
            .public("is_active", before.map(|user| user.active), after.map(|user| user.active))
    }
}

/// The tenant's time zone; UTC when its settings name none there is.
pub(crate) fn default_timezone(settings: &TenantSettings) -> Tz {
    settings.timezone.parse().unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_name_is_stable_and_what_is_made_to_fit_is_one(text in "[\\PC\\s\u{0}]{0,120}") {
            if let Ok(name) = Name::parse("/first_name", &text) {
                prop_assert_eq!(Name::parse("/first_name", name.as_str()), Ok(name.clone()));
                prop_assert_eq!(Name::fitting(&text), name);
            }
            let fitting = Name::fitting(&text);
            prop_assert_eq!(Name::parse("/first_name", fitting.as_str()), Ok(fitting));
        }
    }
}
