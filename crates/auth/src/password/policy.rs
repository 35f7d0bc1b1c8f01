//! What is accepted as a new password (NIST 800-63B-4 §3.1.1.2, ASVS V6.2): a length and not being common; no rules of
//! composition.

use ouvira_common::{
    problem::{FieldCode, FieldError, FieldErrors},
    secret::Secret,
    settings::TenantSettings,
};
use unicode_normalization::UnicodeNormalization as _;

use super::common::is_common;

/// The shortest that any tenant may allow, in characters.
pub(crate) const MIN_LENGTH: u8 = 8;
/// The longest, in characters; nothing is cut off.
pub(crate) const MAX_LENGTH: u8 = 128;

/// The form in which a password is counted, hashed and compared: NFC, so that two keyboards agree on it.
pub(crate) fn normalised(password: &Secret) -> Secret {
    Secret::new(password.expose().nfc().collect::<String>())
}

/// A password that somebody may have from now on.
pub(crate) struct NewPassword(Secret);

impl NewPassword {
    /// Accepts `password` under the tenant's policy; errors point at `pointer`.
    pub(crate) fn parse(
        pointer: &str,
        password: &Secret,
        settings: &TenantSettings,
    ) -> Result<Self, FieldErrors> {
        let normalised = normalised(password);
        let length = normalised.expose().chars().count();
        let shortest = settings.password_min_length.max(MIN_LENGTH);
        let error = |code| FieldError::new(pointer, code);
        if length < usize::from(shortest) {
            return Err(error(FieldCode::TooShort).with("min", shortest.into()).into());
        }
        if length > usize::from(MAX_LENGTH) {
            return Err(error(FieldCode::TooLong).with("max", MAX_LENGTH.into()).into());
        }
        if is_common(normalised.expose()) {
            return Err(error(FieldCode::CommonPassword).into());
        }
        Ok(Self(normalised))
    }

    pub(super) fn normalised(&self) -> &Secret {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<FieldCode> {
        let settings = TenantSettings::default();
        NewPassword::parse("/password", &Secret::new(password), &settings)
            .err()
            .map(|errors| errors.0[0].code)
    }

    #[test]
    fn v6_2_1_eight_characters_are_enough_and_counted_after_composition() {
        assert_eq!(refused("hlrvnpt"), Some(FieldCode::TooShort));
        assert_eq!(refused("hlrvnptk"), None);
        assert_eq!(
            refused("e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}e\u{301}"),
            Some(FieldCode::TooShort)
        );
    }

    #[test]
    fn v6_2_9_a_hundred_and_twenty_eight_characters_are_allowed() {
        assert_eq!(refused(&"ü".repeat(64).chars().chain("κ".repeat(64).chars()).collect::<String>()), None);
        assert_eq!(refused(&"x".repeat(129)), Some(FieldCode::TooLong));
    }

    #[test]
    fn v6_2_4_common_passwords_are_refused_in_any_case() {
        assert_eq!(refused("password1"), Some(FieldCode::CommonPassword));
        assert_eq!(refused("PassWord1"), Some(FieldCode::CommonPassword));
    }

    #[test]
    fn v6_2_5_nothing_is_asked_of_its_composition() {
        assert_eq!(refused("    spaces are characters    "), None);
        assert_eq!(refused("nur kleine buchstaben"), None);
    }
}
