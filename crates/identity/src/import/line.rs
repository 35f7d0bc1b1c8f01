//! One line of a file: as it was read, and as it was understood.

use chrono_tz::Tz;
use ouvira_common::{
    locale::Locale,
    problem::{FieldCode, FieldError, FieldErrors},
    settings::TenantSettings,
    text::{Email, Phone},
    time::Timestamp,
};

use super::report::LineError;
use crate::{
    edit::{Edit, ProfileChange, UserChange, parse_timezone},
    error::UserError,
    model::{AddressStanding, Contact, Name, User},
};

/// The fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Email,
    Phone,
    FirstName,
    LastName,
    Locale,
    Timezone,
}

/// Fields of a user that are read only, and so ignored: what was exported can be imported.
const READ_ONLY: [&str; 8] = [
    "id",
    "email_verified",
    "phone_verified",
    "two_factor_enabled",
    "last_login_at",
    "created_at",
    "updated_at",
    "version",
];

impl Field {
    pub(super) const ALL: [Self; 6] =
        [Self::Email, Self::Phone, Self::FirstName, Self::LastName, Self::Locale, Self::Timezone];

    pub(super) const fn pointer(self) -> &'static str {
        match self {
            Self::Email => "/email",
            Self::Phone => "/phone",
            Self::FirstName => "/first_name",
            Self::LastName => "/last_name",
            Self::Locale => "/locale",
            Self::Timezone => "/timezone",
        }
    }

    /// The field of that name; `None` for one that is ignored, an error for one that nobody knows.
    pub(super) fn named(name: &str) -> Result<Option<Self>, FieldError> {
        if let Some(field) = Self::ALL.into_iter().find(|field| &field.pointer()[1..] == name) {
            return Ok(Some(field));
        }
        if READ_ONLY.contains(&name) {
            return Ok(None);
        }
        let name: String = name.chars().take(100).collect();
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Err(FieldError::new(format!("/{escaped}"), FieldCode::UnknownField))
    }
}

/// The values of a line, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Values([Option<String>; 6]);

impl Values {
    pub(super) fn put(&mut self, field: Field, value: String) {
        self.0[field as usize] = Some(value);
    }

    fn take(&mut self, field: Field) -> Option<String> {
        self.0[field as usize].take()
    }
}

/// What was read at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// The first one is 1.
    pub(super) line: u32,
    pub(super) values: Result<Values, FieldErrors>,
}

/// A line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportLine {
    pub(super) email: Email,
    pub(super) folded: String,
    pub(super) phone: Option<Phone>,
    first_name: Option<Name>,
    last_name: Option<Name>,
    locale: Option<Locale>,
    timezone: Option<Tz>,
}

impl Record {
    /// Parses every field; the errors tell of all that are not valid.
    pub(super) fn parse(self) -> Result<ImportLine, Vec<LineError>> {
        let told = |errors: FieldErrors| errors.0.into_iter().map(LineError::Field).collect::<Vec<_>>();
        self.values.and_then(ImportLine::parse).map_err(told)
    }
}

impl ImportLine {
    fn parse(mut values: Values) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = values.take(Field::Email).unwrap_or_default();
        let email = match email.trim() {
            "" => errors.check(Err(FieldError::new(Field::Email.pointer(), FieldCode::Required))),
            text => errors.check(Email::parse(Field::Email.pointer(), text)),
        };
        let mut parse = Parse { values: &mut values, errors: &mut errors };
        let phone = parse.field(Field::Phone, Phone::parse);
        let first_name = parse.field(Field::FirstName, Name::parse);
        let last_name = parse.field(Field::LastName, Name::parse);
        let locale = parse.field(Field::Locale, parse_locale);
        let timezone = parse.field(Field::Timezone, parse_timezone);
        let line = email.map(|email| {
            let folded = email.folded();
            Self { email, folded, phone, first_name, last_name, locale, timezone }
        });
        errors.into_result(line)
    }

    /// Whether the two cannot be decided apart from each other.
    pub(super) fn clashes_with(&self, other: &Self) -> bool {
        self.folded == other.folded || (self.phone.is_some() && self.phone == other.phone)
    }

    /// The user it begins.
    pub(super) fn to_user(&self, now: Timestamp, settings: &TenantSettings) -> User {
        let fresh = User::new_at(now, settings);
        User {
            email: Some(Contact::new(self.email.clone(), AddressStanding::OnRecord)),
            phone: self.phone.clone().map(|phone| Contact::new(phone, AddressStanding::OnRecord)),
            first_name: self.first_name.clone().unwrap_or_default(),
            last_name: self.last_name.clone().unwrap_or_default(),
            locale: self.locale.unwrap_or(fresh.locale),
            timezone: self.timezone.unwrap_or(fresh.timezone),
            ..fresh
        }
    }

    /// The user after it; `None` when nothing would be different.
    pub(super) fn update(&self, user: &User, now: Timestamp) -> Result<Option<User>, UserError> {
        let profile = ProfileChange {
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            locale: self.locale,
            timezone: self.timezone,
        };
        let phone = self.phone.clone().map_or(Edit::Keep, Edit::To);
        user.with(UserChange { profile, email: Edit::Keep, phone, active: None }, now)
    }
}

/// Parses optional fields and notes what is wrong with them.
struct Parse<'p> {
    values: &'p mut Values,
    errors: &'p mut FieldErrors,
}

impl Parse<'_> {
    fn field<T>(
        &mut self,
        field: Field,
        parse: impl FnOnce(&str, &str) -> Result<T, FieldError>,
    ) -> Option<T> {
        let text = self.values.take(field)?;
        self.errors.check(parse(field.pointer(), &text))
    }
}

fn parse_locale(pointer: &str, text: &str) -> Result<Locale, FieldError> {
    Locale::from_tag(text.trim()).ok_or_else(|| FieldError::new(pointer, FieldCode::InvalidChoice))
}
