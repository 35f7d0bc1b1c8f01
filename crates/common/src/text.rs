//! Texts that people type, parsed once into types that stay valid.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::problem::{FieldCode, FieldError};

/// Folds a text for comparison: compatibility forms (NFKC) and the case of every letter made one, down, up and down again,
/// so that `ß`, `ẞ` and `SS`, `ς` and `σ` meet; without leading and trailing white space.
pub fn fold(text: &str) -> String {
    let lower = text.nfkc().flat_map(char::to_lowercase);
    let folded: String = lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
    folded.trim().to_owned()
}

/// Refuses control characters (NUL among them, which Postgres cannot keep) and a length beyond `max` characters; trims.
pub fn line(pointer: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(FieldError::new(pointer, FieldCode::ControlCharacters));
    }
    if text.chars().count() > max {
        return Err(
            FieldError::new(pointer, FieldCode::TooLong).with("max", i64::try_from(max).unwrap_or(i64::MAX))
        );
    }
    Ok(text.to_owned())
}

/// Like [`line`], and not empty.
pub fn required_line(pointer: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let text = line(pointer, text, max)?;
    if text.is_empty() { Err(FieldError::new(pointer, FieldCode::Required)) } else { Ok(text) }
}

/// An e-mail address: kept as typed, compared folded (RFC 5321 lengths).
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Parses `text`; an error points at `pointer`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let text: String = text.trim().nfc().collect();
        let invalid = || FieldError::new(pointer, FieldCode::InvalidEmail);
        let (local, domain) = text.rsplit_once('@').ok_or_else(invalid)?;
        let domain_fits = domain.len() <= 253
            && domain.contains('.')
            && domain.split('.').all(|label| {
                !label.is_empty()
                    && label.len() <= 63
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        let local_fits = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.chars().all(|c| c.is_alphanumeric() || ".!#$%&'*+/=?^_`{|}~-".contains(c));
        if domain_fits && local_fits && text.len() <= 254 { Ok(Self(text)) } else { Err(invalid()) }
    }

    /// One that was parsed before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// As typed: where mail goes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one address have in common.
    pub fn folded(&self) -> String {
        fold(&self.0)
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// A phone number in E.164.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Phone(String);

/// Digits of the longest international number (ITU-T E.164 §6.1).
const DIGITS: usize = 15;

impl Phone {
    /// Parses an international number (`+…`); an error points at `pointer`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let invalid = || FieldError::new(pointer, FieldCode::InvalidPhone);
        let text = text.trim();
        let plausible = text.starts_with('+')
            && text.len() <= 32
            && text[1..].chars().all(|c| c.is_ascii_digit() || " -().".contains(c));
        if !plausible {
            return Err(invalid());
        }
        let number = phonenumber::parse(None, text).map_err(|_| invalid())?;
        if !phonenumber::is_valid(&number) {
            return Err(invalid());
        }
        let number = number.format().mode(phonenumber::Mode::E164).to_string();
        // Some national plans have longer ones; no other country can call them.
        if number.len() > 1 + DIGITS { Err(invalid()) } else { Ok(Self(number)) }
    }

    /// One that was parsed before it was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The country's calling code (ITU-T E.164 §6.2.1): what sending to it costs goes by that.
    pub fn country_code(&self) -> u16 {
        phonenumber::parse(None, &self.0).map_or(0, |number| number.code().value())
    }

    /// `+` and digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phone(…)")
    }
}

/// Where somebody can be reached, and what they sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// By mail.
    Email(Email),
    /// By SMS.
    Phone(Phone),
}

impl Address {
    /// Parses what a person typed as their identifier: an e-mail address if there is an `@`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        if text.contains('@') {
            Email::parse(pointer, text).map(Self::Email)
        } else {
            Phone::parse(pointer, text).map(Self::Phone)
        }
    }

    /// An address from one of two members of which exactly one must be there.
    pub fn one_of(email: Option<&str>, phone: Option<&str>) -> Result<Self, FieldError> {
        match (email, phone) {
            (Some(email), None) => Email::parse("/email", email).map(Self::Email),
            (None, Some(phone)) => Phone::parse("/phone", phone).map(Self::Phone),
            (None, None) => Err(FieldError::new("/email", FieldCode::Required)),
            (Some(_), Some(_)) => Err(FieldError::new("/phone", FieldCode::Exclusive)),
        }
    }

    /// As it is stored and written to.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Phone(phone) => phone.as_str(),
        }
    }

    /// How it is compared.
    pub fn folded(&self) -> String {
        match self {
            Self::Email(email) => email.folded(),
            Self::Phone(phone) => phone.as_str().to_owned(),
        }
    }

    /// The way messages take to it.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::Phone(_) => Channel::Sms,
        }
    }
}

/// The way a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(schemars::JsonSchema))]
pub enum Channel {
    /// SMS.
    Sms,
    /// Mail.
    Email,
}

impl Channel {
    /// The name used in the API and in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_that_people_have() {
        for text in ["ada@example.com", "a.b+c@sub.example.co.uk", "jürgen@müller.de", "x@1.io"] {
            assert!(Email::parse("/email", text).is_ok(), "{text}");
        }
        for text in [
            "",
            "@",
            "a@b",
            "a b@example.com",
            "a@-x.com",
            "a..b@example.com",
            "a@example..com",
            "a\0@example.com",
        ] {
            assert!(Email::parse("/email", text).is_err(), "{text}");
        }
        assert_eq!(
            Phone::parse("/phone", "+33 6 12 34 56 78").map(|p| p.as_str().to_owned()),
            Ok("+33612345678".into())
        );
        for text in [
            "",
            "+",
            "0612345678",
            "+999999",
            "+33 6 12 34 56 78 ext. 4",
            "+٣٣٦١٢٣٤٥٦٧٨",
            "+49 30 1243561820783",
        ] {
            assert!(Phone::parse("/phone", text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_anything_never_panics_and_is_stable(text: String) {
            if let Ok(email) = Email::parse("/email", &text) {
                prop_assert_eq!(Email::parse("/email", email.as_str()), Ok(email));
            }
            if let Ok(phone) = Phone::parse("/phone", &text) {
                prop_assert_eq!(Phone::parse("/phone", phone.as_str()), Ok(phone));
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text: String) {
            let folded = fold(&text);
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}
