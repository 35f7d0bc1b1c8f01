//! Errors of single fields, collected so that a caller hears of all at once.

use super::{Code, Failure, FieldCode};
use crate::locale::Locale;

/// What is wrong with one member of a request body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the member.
    pub pointer: String,
    /// What is wrong.
    pub code: FieldCode,
    /// Values for the message, such as `max`.
    pub params: Vec<(&'static str, i64)>,
}

impl FieldError {
    /// An error at `pointer`, such as `/name`.
    pub fn new(pointer: impl Into<String>, code: FieldCode) -> Self {
        Self { pointer: pointer.into(), code, params: Vec::new() }
    }

    /// The same with a value for its message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: i64) -> Self {
        self.params.push((name, value));
        self
    }

    /// What it says to a person.
    pub fn message(&self, locale: Locale) -> String {
        let text = self.code.text(locale).to_owned();
        self.params
            .iter()
            .fold(text, |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
    }
}

/// One or more fields that are not valid. Empty only while being collected.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{} field(s) are not valid", .0.len())]
pub struct FieldErrors(pub Vec<FieldError>);

impl FieldErrors {
    /// Keeps the value, or notes the error and goes on, so that the next field is looked at too.
    pub fn check<T>(&mut self, parsed: Result<T, FieldError>) -> Option<T> {
        parsed.map_err(|error| self.0.push(error)).ok()
    }

    /// Notes an error.
    pub fn push(&mut self, error: FieldError) {
        self.0.push(error);
    }

    /// `value` when nothing was noted.
    pub fn into_result<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }

    /// A reference in the body to something that is not there, or not for the caller to see.
    pub fn unknown_reference(pointer: impl Into<String>) -> Self {
        Self(vec![FieldError::new(pointer, FieldCode::UnknownReference)])
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self(vec![error])
    }
}

impl Failure for FieldErrors {
    fn code(&self) -> Code {
        match self.0.first().map(|error| error.code) {
            Some(FieldCode::UnknownField) => Code::UnknownField,
            Some(FieldCode::UnknownReference) => Code::UnknownReference,
            _ => Code::ValidationFailed,
        }
    }

    fn fields(&self) -> &[FieldError] {
        &self.0
    }
}
