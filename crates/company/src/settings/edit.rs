//! What people ask to be changed of settings.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use iso_currency::Currency;
use ouvira_common::{
    locale::Locale,
    problem::{FieldCode, FieldError, FieldErrors},
};
use url::Url;

use super::CompanySettings;
use crate::model::Edit;

/// Most feature flags.
const MOST_FEATURES: usize = 100;
/// Longest name of a feature flag.
const LONGEST_FEATURE: usize = 64;
/// Longest address of a logo.
const LONGEST_URL: usize = 2048;

/// Changes of settings, as typed; the defaults are those of [`CompanySettings`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SettingsEdit {
    /// Language.
    pub locale: Edit<Locale>,
    /// IANA time zone.
    pub timezone: Edit<String>,
    /// ISO 4217 currency.
    pub currency: Edit<String>,
    /// Whether its people need a second factor here.
    pub require_two_factor: Edit<bool>,
    /// Feature flags, each by itself: `None` takes it out.
    pub features: Edit<BTreeMap<String, Option<bool>>>,
    /// Whether flags that are not named go, as in PUT, or stay.
    pub replace_features: bool,
    /// Where its logo is, an https address of at most 2048 characters.
    pub logo_url: Edit<String>,
}

impl SettingsEdit {
    /// The settings after the edit; the errors tell of every field that is not valid.
    pub(super) fn apply(
        self,
        before: &CompanySettings,
        default: &CompanySettings,
    ) -> Result<CompanySettings, FieldErrors> {
        let mut errors = FieldErrors::default();
        let timezone = errors.check(self.timezone.try_map(|text| parse_timezone(&text)));
        let currency = errors.check(self.currency.try_map(|text| parse_currency(&text)));
        let kept = if self.replace_features { BTreeMap::new() } else { before.features.clone() };
        let features = errors.check(self.features.try_map(|changes| parse_features(kept, changes)));
        let logo_url = errors.check(self.logo_url.try_map(|text| parse_logo_url(&text).map(Some)));
        let parsed = timezone.zip(currency).zip(features).zip(logo_url);
        let after = parsed.map(|(((timezone, currency), features), logo_url)| CompanySettings {
            locale: self.locale.applied(before.locale, default.locale),
            timezone: timezone.applied(before.timezone, default.timezone),
            currency: currency.applied(before.currency, default.currency),
            require_two_factor: self.require_two_factor.applied(before.require_two_factor, false),
            features: features.applied(before.features.clone(), BTreeMap::new()),
            logo_url: logo_url.applied(before.logo_url.clone(), None),
            ..before.clone()
        });
        errors.into_result(after)
    }
}

fn parse_timezone(text: &str) -> Result<Tz, FieldError> {
    text.parse().map_err(|_| FieldError::new("/timezone", FieldCode::InvalidChoice))
}

fn parse_currency(text: &str) -> Result<Currency, FieldError> {
    Currency::from_code(text).ok_or_else(|| FieldError::new("/currency", FieldCode::InvalidChoice))
}

fn parse_features(
    mut features: BTreeMap<String, bool>,
    changes: BTreeMap<String, Option<bool>>,
) -> Result<BTreeMap<String, bool>, FieldError> {
    for (name, on) in changes {
        if !is_feature_name(&name) {
            let escaped = name.replace('~', "~0").replace('/', "~1");
            return Err(FieldError::new(format!("/features/{escaped}"), FieldCode::InvalidFormat));
        }
        match on {
            Some(on) => features.insert(name, on),
            None => features.remove(&name),
        };
    }
    if features.len() > MOST_FEATURES {
        return Err(FieldError::new("/features", FieldCode::TooMany).with("max", 100));
    }
    Ok(features)
}

/// Lower-case letters, digits, `.`, `_` and `-`, beginning with a letter.
fn is_feature_name(name: &str) -> bool {
    name.len() <= LONGEST_FEATURE
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
}

/// An address that a browser may be sent to: https, a host, no credentials.
fn parse_logo_url(text: &str) -> Result<Url, FieldError> {
    if text.len() > LONGEST_URL {
        return Err(FieldError::new("/logo_url", FieldCode::TooLong).with("max", 2048));
    }
    let invalid = || FieldError::new("/logo_url", FieldCode::InvalidFormat);
    let url = Url::parse(text.trim()).map_err(|_| invalid())?;
    let fits =
        url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none();
    if fits { Ok(url) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use ouvira_common::{id::CompanyId, settings::TenantSettings};

    fn defaults() -> CompanySettings {
        let company = CompanyId("0192f0c0-0000-7000-8000-000000000000".parse().unwrap());
        CompanySettings::default_of(company, &TenantSettings::default(), DateTime::UNIX_EPOCH)
    }

    fn edited(edit: SettingsEdit) -> Result<CompanySettings, FieldErrors> {
        edit.apply(&defaults(), &defaults())
    }

    #[test]
    fn every_field_that_is_not_valid_is_told() {
        let errors = edited(SettingsEdit {
            timezone: Edit::To("Europe/Atlantis".to_owned()),
            currency: Edit::To("eur".to_owned()),
            features: Edit::To(BTreeMap::from([("a/b".to_owned(), Some(true))])),
            logo_url: Edit::To("http://example.com/logo.png".to_owned()),
            ..SettingsEdit::default()
        })
        .unwrap_err();
        let pointers: Vec<_> = errors.0.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(pointers, ["/timezone", "/currency", "/features/a~1b", "/logo_url"]);
    }

    #[test]
    fn a_logo_is_at_an_https_address_without_credentials() {
        for text in ["https://example.com/logo.png", "https://cdn.example.com:8443/a?b=c"] {
            assert!(parse_logo_url(text).is_ok(), "{text}");
        }
        for text in
            ["", "logo.png", "javascript:alert(1)", "https://", "https://u:p@example.com/", "data:image/png,"]
        {
            assert!(parse_logo_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn features_are_merged_or_replaced() {
        let before = CompanySettings {
            features: BTreeMap::from([("a".to_owned(), true), ("b".to_owned(), true)]),
            ..defaults()
        };
        let edit = SettingsEdit {
            features: Edit::To(BTreeMap::from([("b".to_owned(), None), ("c".to_owned(), Some(false))])),
            ..SettingsEdit::default()
        };
        let merged = edit.clone().apply(&before, &defaults()).unwrap();
        assert_eq!(merged.features, BTreeMap::from([("a".to_owned(), true), ("c".to_owned(), false)]));
        let replaced = SettingsEdit { replace_features: true, ..edit }.apply(&before, &defaults()).unwrap();
        assert_eq!(replaced.features, BTreeMap::from([("c".to_owned(), false)]));
    }
}
