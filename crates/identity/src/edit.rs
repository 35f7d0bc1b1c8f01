//! What people ask to be changed of a user, and the user after it.

use chrono_tz::Tz;
use ouvira_common::{
    locale::Locale,
    problem::{FieldCode, FieldError, FieldErrors},
    settings::TenantSettings,
    text::{Email, Phone},
    time::Timestamp,
};

use crate::{
    error::UserError,
    model::{AddressStanding, Contact, Name, User, default_timezone},
};

/// What becomes of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It gets its default, or ends.
    Reset,
    /// It becomes this.
    To(T),
}

impl<T> Edit<T> {
    fn try_map<U>(self, parse: impl FnOnce(T) -> Result<U, FieldError>) -> Result<Edit<U>, FieldError> {
        Ok(match self {
            Self::Keep => Edit::Keep,
            Self::Reset => Edit::Reset,
            Self::To(value) => Edit::To(parse(value)?),
        })
    }

    /// The new value, when there is one.
    fn or_default(self, default: T) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Reset => Some(default),
            Self::To(value) => Some(value),
        }
    }
}

impl<T> From<Option<T>> for Edit<T> {
    /// As in PUT: what is left out gets its default.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Reset, Self::To)
    }
}

/// Changes of a profile, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileEdit {
    /// First name, at most 100 characters; by default empty.
    pub first_name: Edit<String>,
    /// Last name, at most 100 characters; by default empty.
    pub last_name: Edit<String>,
    /// Language; by default the tenant's.
    pub locale: Edit<Locale>,
    /// IANA time zone; by default the tenant's.
    pub timezone: Edit<String>,
}

/// Changes that an administrator makes of a user, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserEdit {
    /// Names, language, time zone.
    pub profile: ProfileEdit,
    /// E-mail address; by default none. Only of somebody who has not proven any address.
    pub email: Edit<String>,
    /// Phone number; by default none. Only of somebody who has not proven any address.
    pub phone: Edit<String>,
    /// Whether they may sign in; by default yes.
    pub active: Edit<bool>,
}

/// A [`ProfileEdit`] that is valid, with defaults filled in; `None` stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProfileChange {
    pub(crate) first_name: Option<Name>,
    pub(crate) last_name: Option<Name>,
    pub(crate) locale: Option<Locale>,
    pub(crate) timezone: Option<Tz>,
}

/// A [`UserEdit`] that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserChange {
    pub(crate) profile: ProfileChange,
    pub(crate) email: Edit<Email>,
    pub(crate) phone: Edit<Phone>,
    pub(crate) active: Option<bool>,
}

impl ProfileEdit {
    /// Parses every field; the errors tell of all that are not valid.
    pub(crate) fn parse(self, settings: &TenantSettings) -> Result<ProfileChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let change = self.parse_into(settings, &mut errors);
        errors.into_result(change)
    }

    fn parse_into(self, settings: &TenantSettings, errors: &mut FieldErrors) -> Option<ProfileChange> {
        let first_name = errors.check(self.first_name.try_map(|text| Name::parse("/first_name", &text)));
        let last_name = errors.check(self.last_name.try_map(|text| Name::parse("/last_name", &text)));
        let timezone = errors.check(self.timezone.try_map(|text| parse_timezone("/timezone", &text)));
        Some(ProfileChange {
            first_name: first_name?.or_default(Name::default()),
            last_name: last_name?.or_default(Name::default()),
            locale: self.locale.or_default(settings.locale),
            timezone: timezone?.or_default(default_timezone(settings)),
        })
    }
}

impl UserEdit {
    /// Parses every field; the errors tell of all that are not valid.
    pub(crate) fn parse(self, settings: &TenantSettings) -> Result<UserChange, FieldErrors> {
        let mut errors = FieldErrors::default();
        let profile = self.profile.parse_into(settings, &mut errors);
        let email = errors.check(self.email.try_map(|text| Email::parse("/email", &text)));
        let phone = errors.check(self.phone.try_map(|text| Phone::parse("/phone", &text)));
        let active = self.active.or_default(true);
        let change = profile.zip(email).zip(phone);
        errors.into_result(change.map(|((profile, email), phone)| UserChange {
            profile,
            email,
            phone,
            active,
        }))
    }
}

impl UserChange {
    /// Whether it switches the user off, if they are on.
    pub(crate) fn switches_off(&self) -> bool {
        self.active == Some(false)
    }

    /// Whether it is about more than names: who controls the account, and whether it is one.
    pub(crate) fn touches_account(&self) -> bool {
        self.active.is_some() || self.email != Edit::Keep || self.phone != Edit::Keep
    }
}

/// Parses the name of an IANA time zone.
pub(crate) fn parse_timezone(pointer: &str, text: &str) -> Result<Tz, FieldError> {
    text.trim().parse().map_err(|_| FieldError::new(pointer, FieldCode::InvalidChoice))
}

impl ProfileChange {
    fn apply(self, user: &mut User) {
        let Self { first_name, last_name, locale, timezone } = self;
        user.first_name = first_name.unwrap_or_else(|| std::mem::take(&mut user.first_name));
        user.last_name = last_name.unwrap_or_else(|| std::mem::take(&mut user.last_name));
        user.locale = locale.unwrap_or(user.locale);
        user.timezone = timezone.unwrap_or(user.timezone);
    }
}

impl User {
    /// The user after `change`, made at `now`; `None` when nothing would be different.
    pub(crate) fn with_profile(&self, change: ProfileChange, now: Timestamp) -> Option<Self> {
        let mut after = self.clone();
        change.apply(&mut after);
        after.touched_unless(self, now)
    }

    /// The user after an administrator's `change`, made at `now`; `None` when nothing would be different. A new address
    /// is on record, to be proven. Fails when it would take the place of one of a user who has proven any.
    pub(crate) fn with(&self, change: UserChange, now: Timestamp) -> Result<Option<Self>, UserError> {
        let mut after = self.clone();
        change.profile.apply(&mut after);
        after.active = change.active.unwrap_or(after.active);
        after.email = edited(after.email, change.email);
        after.phone = edited(after.phone, change.phone);
        if self.is_proven() && (after.email != self.email || after.phone != self.phone) {
            return Err(UserError::AddressVerified);
        }
        Ok(after.touched_unless(self, now))
    }

    fn touched_unless(mut self, before: &Self, now: Timestamp) -> Option<Self> {
        if self == *before {
            return None;
        }
        self.touch(now);
        Some(self)
    }
}

/// The same address again keeps its standing.
fn edited<A: PartialEq>(contact: Option<Contact<A>>, edit: Edit<A>) -> Option<Contact<A>> {
    match edit {
        Edit::Keep => contact,
        Edit::Reset => None,
        Edit::To(address) => match contact {
            Some(contact) if contact.address == address => Some(contact),
            _ => Some(Contact::new(address, AddressStanding::OnRecord)),
        },
    }
}
