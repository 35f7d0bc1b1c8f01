//! What people ask to be changed of settings.

use chrono_tz::Tz;
use ouvira_common::{
    locale::Locale,
    problem::{FieldCode, FieldError, FieldErrors},
    settings::{SignupPolicy, TenantSettings},
};

/// Shortest password a tenant may ask for, in characters: NIST 800-63B-4 §3.1.1.2 allows none shorter than the first, and
/// nobody is helped by one longer than the second.
const PASSWORD_LENGTHS: (u32, u32) = (8, 64);
/// Minutes a session may last: five, so that it survives a form; ninety days.
const SESSION_MINUTES: (u32, u32) = (5, 90 * 24 * 60);

/// What becomes of one field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Edit<T> {
    /// It stays.
    #[default]
    Keep,
    /// It gets its default.
    Reset,
    /// It becomes this.
    To(T),
}

impl<T> From<Option<T>> for Edit<T> {
    /// As in PUT: what is left out gets its default.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Reset, Self::To)
    }
}

impl<T> Edit<T> {
    /// The field after the edit, or what is wrong with its new value.
    fn applied<U>(
        self,
        before: U,
        default: U,
        parse: impl FnOnce(T) -> Result<U, FieldError>,
    ) -> Result<U, FieldError> {
        match self {
            Self::Keep => Ok(before),
            Self::Reset => Ok(default),
            Self::To(value) => parse(value),
        }
    }
}

/// Changes of settings, as typed; the defaults are those of [`TenantSettings`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsEdit {
    /// Who may sign up.
    pub signup: Edit<SignupPolicy>,
    /// Language of people who have none of their own.
    pub locale: Edit<Locale>,
    /// IANA time zone.
    pub timezone: Edit<String>,
    /// Everybody needs a second factor.
    pub require_two_factor: Edit<bool>,
    /// Shortest password, in characters: 8 to 64.
    pub password_min_length: Edit<u32>,
    /// Minutes a session may rest: 5 to 129,600, and no more than it may last.
    pub session_idle_minutes: Edit<u32>,
    /// Minutes a session may last: 5 to 129,600.
    pub session_absolute_minutes: Edit<u32>,
}

impl SettingsEdit {
    /// The settings after the edit; the errors tell of every field that is not valid.
    pub(super) fn apply(self, before: &TenantSettings) -> Result<TenantSettings, FieldErrors> {
        let default = TenantSettings::default();
        let mut errors = FieldErrors::default();
        let timezone =
            self.timezone.applied(before.timezone.clone(), default.timezone, |text| parse_timezone(&text));
        let timezone = errors.check(timezone);
        let length = self.password_min_length.applied(
            before.password_min_length,
            default.password_min_length,
            parse_password_length,
        );
        let length = errors.check(length);
        let idle = self.session_idle_minutes.applied(
            before.session_idle_minutes,
            default.session_idle_minutes,
            |minutes| within("/session_idle_minutes", minutes, SESSION_MINUTES),
        );
        let idle = errors.check(idle);
        let absolute = self.session_absolute_minutes.applied(
            before.session_absolute_minutes,
            default.session_absolute_minutes,
            |minutes| within("/session_absolute_minutes", minutes, SESSION_MINUTES),
        );
        let absolute = errors.check(absolute);
        if let (Some(idle), Some(absolute)) = (idle, absolute) {
            errors.check(within("/session_idle_minutes", idle, (SESSION_MINUTES.0, absolute)));
        }
        let parsed = timezone.zip(length).zip(idle.zip(absolute));
        let after = parsed.map(|((timezone, password_min_length), (idle, absolute))| TenantSettings {
            signup: infallible(self.signup, before.signup, default.signup),
            locale: infallible(self.locale, before.locale, default.locale),
            timezone,
            require_two_factor: infallible(
                self.require_two_factor,
                before.require_two_factor,
                default.require_two_factor,
            ),
            password_min_length,
            session_idle_minutes: idle,
            session_absolute_minutes: absolute,
        });
        errors.into_result(after)
    }
}

/// For values that are valid whatever they are.
fn infallible<T>(edit: Edit<T>, before: T, default: T) -> T {
    match edit {
        Edit::Keep => before,
        Edit::Reset => default,
        Edit::To(value) => value,
    }
}

fn parse_timezone(text: &str) -> Result<String, FieldError> {
    let zone: Tz = text.parse().map_err(|_| FieldError::new("/timezone", FieldCode::InvalidChoice))?;
    Ok(zone.name().to_owned())
}

fn parse_password_length(length: u32) -> Result<u8, FieldError> {
    let length = within("/password_min_length", length, PASSWORD_LENGTHS)?;
    Ok(u8::try_from(length).expect("64 fits"))
}

fn within(pointer: &str, number: u32, (min, max): (u32, u32)) -> Result<u32, FieldError> {
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(FieldError::new(pointer, FieldCode::OutOfRange).with("min", min.into()).with("max", max.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_not_valid_is_told() {
        let edit = SettingsEdit {
            timezone: Edit::To("Europe/Atlantis".to_owned()),
            password_min_length: Edit::To(7),
            session_idle_minutes: Edit::To(4),
            session_absolute_minutes: Edit::To(129_601),
            ..SettingsEdit::default()
        };
        let errors = edit.apply(&TenantSettings::default()).unwrap_err();
        let pointers: Vec<&str> = errors.0.iter().map(|error| error.pointer.as_str()).collect();
        let expected =
            ["/timezone", "/password_min_length", "/session_idle_minutes", "/session_absolute_minutes"];
        assert_eq!(pointers, expected);
    }

    #[test]
    fn a_session_does_not_rest_longer_than_it_lasts() {
        let edit = SettingsEdit { session_absolute_minutes: Edit::To(60), ..SettingsEdit::default() };
        let errors = edit.apply(&TenantSettings::default()).unwrap_err();
        assert_eq!(errors.0[0].pointer, "/session_idle_minutes");
        assert_eq!(errors.0[0].params, [("min", 5), ("max", 60)]);
    }

    #[test]
    fn fields_are_kept_reset_or_changed() {
        let before =
            TenantSettings { password_min_length: 12, require_two_factor: true, ..TenantSettings::default() };
        let edit = SettingsEdit {
            password_min_length: Edit::Reset,
            locale: Edit::To(Locale::Fr),
            timezone: Edit::To("Europe/Paris".to_owned()),
            ..SettingsEdit::default()
        };
        let after = edit.apply(&before).unwrap();
        let expected = TenantSettings {
            locale: Locale::Fr,
            timezone: "Europe/Paris".to_owned(),
            require_two_factor: true,
            ..TenantSettings::default()
        };
        assert_eq!(after, expected);
    }
}
