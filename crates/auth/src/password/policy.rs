//! What is accepted as a new password (NIST 800-63B-4 §3.1.1.2, ASVS V6.2): a length, not being common, not being easy to
//! guess; no rules of composition.

use ouvira_common::{
    context::RequestContext,
    ports::Person,
    problem::{FieldCode, FieldError, FieldErrors},
    secret::Secret,
    settings::TenantSettings,
    text::{Email, Phone},
};
use unicode_normalization::UnicodeNormalization as _;

use super::{common::is_common, strength::weakness};

/// The shortest that any tenant may allow, in characters.
pub(crate) const MIN_LENGTH: u8 = 8;
/// The longest, in characters; nothing is cut off.
pub(crate) const MAX_LENGTH: u8 = 128;

/// The form in which a password is counted, hashed and compared: NFC, so that two keyboards agree on it.
pub(crate) fn normalised(password: &Secret) -> Secret {
    Secret::new(password.expose().nfc().collect::<String>())
}

/// A password that somebody may have from now on, once it was judged.
#[derive(Clone)]
pub(crate) struct NewPassword {
    normalised: Secret,
    pointer: String,
    /// What whoever guesses would try first.
    words: Vec<String>,
}

impl NewPassword {
    /// Accepts `password` under the tenant's policy as far as that is quickly said; errors point at `pointer`.
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
        Ok(Self { normalised, pointer: pointer.to_owned(), words: Vec::new() })
    }

    /// The same, not to be guessed from what the tenant is called (ASVS V6.2.11).
    #[must_use]
    pub(crate) fn at(self, ctx: &RequestContext) -> Self {
        let tenant = ctx.tenant();
        self.knowing([tenant.slug.as_str(), tenant.name.as_str()])
    }

    /// The same, nor from who its owner is.
    #[must_use]
    pub(crate) fn of(self, person: &Person) -> Self {
        let email = person.email.as_ref().map(Email::as_str);
        let phone = person.phone.as_ref().map(Phone::as_str);
        self.knowing([person.first_name.as_str(), &person.last_name]).knowing(email).knowing(phone)
    }

    /// The same, not to be guessed from `texts` nor from the words they are made of.
    #[must_use]
    pub(crate) fn knowing<'a>(mut self, texts: impl IntoIterator<Item = &'a str>) -> Self {
        for text in texts {
            let words = text.split(|c: char| !c.is_alphanumeric());
            self.words
                .extend(words.chain([text]).filter(|word| word.chars().count() >= 3).map(str::to_owned));
        }
        self
    }

    /// Whether it is hard to guess; slow, and therefore no work for a thread that answers requests.
    pub(crate) fn judge(&self) -> Result<(), FieldErrors> {
        match weakness(self.normalised.expose(), &self.words) {
            Some(code) => Err(FieldError::new(&*self.pointer, code).into()),
            None => Ok(()),
        }
    }

    pub(super) fn normalised(&self) -> &Secret {
        &self.normalised
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> Option<FieldCode> {
        let settings = TenantSettings::default();
        NewPassword::parse("/password", &Secret::new(password), &settings)
            .and_then(|password| password.judge())
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
        let letters = |i: u32| char::from_u32(0x3b1 + (i * i * 7 + i * 3) % 23).unwrap();
        assert_eq!(refused(&(0..128).map(letters).collect::<String>()), None);
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

    #[test]
    fn v6_2_11_words_of_the_place_and_the_person_do_not_make_a_password() {
        let judge = |password: &str| {
            let password = Secret::new(password);
            let new = NewPassword::parse("/password", &password, &TenantSettings::default()).unwrap();
            new.knowing(["Zweckverband Quellwald", "ada.lovelace@quellwald.example"]).judge()
        };
        for guessable in ["quellwald2024", "zweckverband", "LovelaceAda", "ada.lovelace@quellwald.example"] {
            let refused = judge(guessable).map_err(|errors| errors.0[0].code);
            assert_eq!(refused, Err(FieldCode::PersonalPassword), "{guessable}");
        }
        assert_eq!(judge("quellwald, wo die Eulen rufen"), Ok(()));
    }
}
