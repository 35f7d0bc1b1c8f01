//! What a company is.

use ouvira_common::{
    id::CompanyId,
    problem::{FieldError, FieldErrors},
    text::{fold, line, required_line},
    time::Timestamp,
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

impl<T> From<Option<T>> for Edit<T> {
    /// As in PUT: what is left out gets its default.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Reset, Self::To)
    }
}

impl<T> Edit<T> {
    /// The same edit of the parsed value.
    pub(crate) fn try_map<U>(
        self,
        parse: impl FnOnce(T) -> Result<U, FieldError>,
    ) -> Result<Edit<U>, FieldError> {
        Ok(match self {
            Self::Keep => Edit::Keep,
            Self::Reset => Edit::Reset,
            Self::To(value) => Edit::To(parse(value)?),
        })
    }

    /// The field after the edit.
    pub(crate) fn applied(self, before: T, default: T) -> T {
        match self {
            Self::Keep => before,
            Self::Reset => default,
            Self::To(value) => value,
        }
    }
}

/// Whether a company is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    /// At work.
    #[default]
    Active,
    /// Put away; still there to be read.
    Archived,
}

impl Status {
    /// The name in the API and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// The status of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Active, Self::Archived].into_iter().find(|status| status.as_str() == name)
    }
}

/// What people say of a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Particulars {
    /// What it is called: 1 to 200 characters.
    pub name: String,
    /// The name in the register, at most 200 characters.
    pub legal_name: Option<String>,
    /// The number at the tax office, at most 50 characters.
    pub tax_id: Option<String>,
    /// Whether it is at work.
    pub status: Status,
}

/// A company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Id.
    pub id: CompanyId,
    /// What people say of it.
    pub particulars: Particulars,
    /// Below which other one it stands; a root when none.
    pub parent: Option<CompanyId>,
    /// Raised by each change.
    pub version: i64,
    /// When it was founded.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Company {
    /// A company founded at `now`.
    pub(crate) fn new(particulars: Particulars, parent: Option<CompanyId>, now: Timestamp) -> Self {
        Self { id: CompanyId::new_at(now), particulars, parent, version: 1, created_at: now, updated_at: now }
    }

    /// The next version, made at `now`.
    pub(crate) fn changed(self, now: Timestamp) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}

pub(crate) fn parse_name(text: &str) -> Result<String, FieldError> {
    required_line("/name", text, 200)
}

pub(crate) fn parse_legal_name(text: &str) -> Result<Option<String>, FieldError> {
    line("/legal_name", text, 200).map(unless_empty)
}

pub(crate) fn parse_tax_id(text: &str) -> Result<Option<String>, FieldError> {
    line("/tax_id", text, 50).map(unless_empty)
}

fn unless_empty(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

impl Particulars {
    /// Of a new company.
    pub(crate) fn parse(
        name: &str,
        legal_name: Option<&str>,
        tax_id: Option<&str>,
    ) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = errors.check(parse_name(name));
        let legal_name = errors.check(legal_name.map_or(Ok(None), parse_legal_name));
        let tax_id = errors.check(tax_id.map_or(Ok(None), parse_tax_id));
        let particulars = name.zip(legal_name).zip(tax_id).map(|((name, legal_name), tax_id)| Self {
            name,
            legal_name,
            tax_id,
            status: Status::Active,
        });
        errors.into_result(particulars)
    }

    /// The words by which the company is found, each once.
    pub(crate) fn words(&self) -> Vec<String> {
        let texts = [Some(&self.name), self.legal_name.as_ref(), self.tax_id.as_ref()];
        let mut words: Vec<String> = texts.into_iter().flatten().flat_map(|text| words(text)).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The folded words of a text: what stands between characters that are neither letters nor digits.
pub(crate) fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouvira_common::problem::FieldCode;

    #[test]
    fn particulars_are_trimmed_and_every_error_is_told() {
        let parsed = Particulars::parse("  Ada & Söhne ", Some(" "), Some("FR 12")).unwrap();
        assert_eq!(
            (parsed.name.as_str(), parsed.legal_name, parsed.tax_id.as_deref()),
            ("Ada & Söhne", None, Some("FR 12"))
        );
        let errors = Particulars::parse(" ", Some(&"x".repeat(201)), Some("a\nb")).unwrap_err();
        let told: Vec<_> = errors.0.iter().map(|error| (error.pointer.as_str(), error.code)).collect();
        assert_eq!(
            told,
            [
                ("/name", FieldCode::Required),
                ("/legal_name", FieldCode::TooLong),
                ("/tax_id", FieldCode::ControlCharacters)
            ]
        );
    }

    #[test]
    fn words_are_folded_and_each_stands_once() {
        let particulars =
            Particulars::parse("ＡＣＭＥ Straße-Nord", Some("Acme S.A.S."), Some("FR-123")).unwrap();
        assert_eq!(particulars.words(), ["123", "a", "acme", "fr", "nord", "s", "strasse"]);
    }
}
