//! What people ask to be changed of settings.

use chrono_tz::Tz;
use ouvira_common::{
    locale::Locale,
    problem::{FieldCode, FieldError, FieldErrors},
    settings::{Quotas, RateLimits, SignupPolicy, TenantSettings},
};

/// Shortest password a tenant may ask for, in characters: NIST 800-63B-4 §3.1.1.2 allows none shorter than the first, and
/// nobody is helped by one longer than the second.
const PASSWORD_LENGTHS: (u32, u32) = (8, 64);
/// Days that rows of the logs may be kept: 90 days, a year, seven years.
const RETENTION_DAYS: [u16; 3] = [90, 365, 2557];
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

/// Changes of how often things may be done; the default of each is what holds everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateLimitsEdit {
    /// Logins a minute with one identifier from one address: 1 to 100.
    pub login_per_minute: Edit<u32>,
    /// Refreshes a minute of one session: 1 to 1,000.
    pub refresh_per_minute: Edit<u32>,
    /// Calls a day of one user: 100, so that they can be changed again, to 10,000,000.
    pub user_per_day: Edit<u32>,
}

/// Changes of how many of something there may be, each 1 to 10,000,000; the default of each is without end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QuotasEdit {
    /// Users that are not deleted.
    pub users: Edit<u32>,
    /// Companies that are not deleted.
    pub companies: Edit<u32>,
    /// Members of one company.
    pub members_per_company: Edit<u32>,
    /// Invitations that can still be accepted.
    pub pending_invitations: Edit<u32>,
    /// Roles of the tenant's own.
    pub roles: Edit<u32>,
}

const LOGINS: (u32, u32) = (1, 100);
const REFRESHES: (u32, u32) = (1, 1_000);
const CALLS: (u32, u32) = (100, 10_000_000);
const QUOTA: (u32, u32) = (1, 10_000_000);

impl RateLimitsEdit {
    fn apply(self, before: RateLimits, errors: &mut FieldErrors) -> RateLimits {
        let mut field = |name: &str, edit: Edit<u32>, before, range| {
            optional(&format!("/rate_limits/{name}"), edit, before, range, errors)
        };
        RateLimits {
            login_per_minute: field(
                "login_per_minute",
                self.login_per_minute,
                before.login_per_minute,
                LOGINS,
            ),
            refresh_per_minute: field(
                "refresh_per_minute",
                self.refresh_per_minute,
                before.refresh_per_minute,
                REFRESHES,
            ),
            user_per_day: field("user_per_day", self.user_per_day, before.user_per_day, CALLS),
        }
    }
}

impl QuotasEdit {
    fn apply(self, before: Quotas, errors: &mut FieldErrors) -> Quotas {
        let mut field = |name: &str, edit: Edit<u32>, before| {
            optional(&format!("/quotas/{name}"), edit, before, QUOTA, errors)
        };
        Quotas {
            users: field("users", self.users, before.users),
            companies: field("companies", self.companies, before.companies),
            members_per_company: field(
                "members_per_company",
                self.members_per_company,
                before.members_per_company,
            ),
            pending_invitations: field(
                "pending_invitations",
                self.pending_invitations,
                before.pending_invitations,
            ),
            roles: field("roles", self.roles, before.roles),
        }
    }
}

/// A number that may be missing, after its edit.
fn optional(
    pointer: &str,
    edit: Edit<u32>,
    before: Option<u32>,
    range: (u32, u32),
    errors: &mut FieldErrors,
) -> Option<u32> {
    errors.check(edit.applied(before, None, |number| within(pointer, number, range).map(Some))).flatten()
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
    /// For how many days rows of the logs are kept that are written from now on: 90, 365 or 2557.
    pub audit_retention_days: Edit<u32>,
    /// Everybody needs a second factor.
    pub require_two_factor: Edit<bool>,
    /// Shortest password, in characters: 8 to 64.
    pub password_min_length: Edit<u32>,
    /// Minutes a session may rest: 5 to 129,600, and no more than it may last.
    pub session_idle_minutes: Edit<u32>,
    /// Minutes a session may last: 5 to 129,600.
    pub session_absolute_minutes: Edit<u32>,
    /// How often things may be done.
    pub rate_limits: Edit<RateLimitsEdit>,
    /// How many of something there may be.
    pub quotas: Edit<QuotasEdit>,
}

impl SettingsEdit {
    /// The settings after the edit; the errors tell of every field that is not valid.
    pub(super) fn apply(self, before: &TenantSettings) -> Result<TenantSettings, FieldErrors> {
        let default = TenantSettings::default();
        let mut errors = FieldErrors::default();
        let timezone =
            self.timezone.applied(before.timezone.clone(), default.timezone, |text| parse_timezone(&text));
        let timezone = errors.check(timezone);
        let retention = self.audit_retention_days.applied(
            before.audit_retention_days,
            default.audit_retention_days,
            parse_retention,
        );
        let retention = errors.check(retention);
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
        let rate_limits = match self.rate_limits {
            Edit::Keep => before.rate_limits,
            Edit::Reset => default.rate_limits,
            Edit::To(edit) => edit.apply(before.rate_limits, &mut errors),
        };
        let quotas = match self.quotas {
            Edit::Keep => before.quotas,
            Edit::Reset => default.quotas,
            Edit::To(edit) => edit.apply(before.quotas, &mut errors),
        };
        let timezone = timezone.zip(retention);
        let parsed = timezone.zip(length).zip(idle.zip(absolute));
        let after =
            parsed.map(|(((timezone, audit_retention_days), password_min_length), (idle, absolute))| {
                TenantSettings {
                    signup: infallible(self.signup, before.signup, default.signup),
                    locale: infallible(self.locale, before.locale, default.locale),
                    timezone,
                    audit_retention_days,
                    require_two_factor: infallible(
                        self.require_two_factor,
                        before.require_two_factor,
                        default.require_two_factor,
                    ),
                    password_min_length,
                    session_idle_minutes: idle,
                    session_absolute_minutes: absolute,
                    rate_limits,
                    quotas,
                }
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

fn parse_retention(days: u32) -> Result<u16, FieldError> {
    let class = RETENTION_DAYS.into_iter().find(|class| u32::from(*class) == days);
    class.ok_or_else(|| FieldError::new("/audit_retention_days", FieldCode::InvalidChoice))
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
            audit_retention_days: Edit::To(30),
            session_idle_minutes: Edit::To(4),
            session_absolute_minutes: Edit::To(129_601),
            ..SettingsEdit::default()
        };
        let errors = edit.apply(&TenantSettings::default()).unwrap_err();
        let pointers: Vec<&str> = errors.0.iter().map(|error| error.pointer.as_str()).collect();
        let expected = [
            "/timezone",
            "/audit_retention_days",
            "/password_min_length",
            "/session_idle_minutes",
            "/session_absolute_minutes",
        ];
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
    fn limits_and_quotas_are_within_their_ranges_and_each_is_edited_alone() {
        let before = TenantSettings {
            quotas: Quotas { users: Some(10), companies: Some(5), ..Quotas::default() },
            ..TenantSettings::default()
        };
        let quotas = QuotasEdit { users: Edit::To(20), companies: Edit::Reset, ..QuotasEdit::default() };
        let edit = SettingsEdit { quotas: Edit::To(quotas), ..SettingsEdit::default() };
        let after = edit.apply(&before).unwrap();
        assert_eq!(after.quotas, Quotas { users: Some(20), ..Quotas::default() });
        let reset = SettingsEdit { quotas: Edit::Reset, ..SettingsEdit::default() };
        assert_eq!(reset.apply(&before).unwrap().quotas, Quotas::default());

        let edit = SettingsEdit {
            rate_limits: Edit::To(RateLimitsEdit {
                login_per_minute: Edit::To(0),
                user_per_day: Edit::To(99),
                ..RateLimitsEdit::default()
            }),
            quotas: Edit::To(QuotasEdit { roles: Edit::To(0), ..QuotasEdit::default() }),
            ..SettingsEdit::default()
        };
        let errors = edit.apply(&before).unwrap_err();
        let pointers: Vec<&str> = errors.0.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/rate_limits/login_per_minute", "/rate_limits/user_per_day", "/quotas/roles"]);
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
