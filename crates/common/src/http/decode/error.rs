//! What is wrong with a value that does not decode.

use std::fmt::{self, Display};

use serde::de::{Expected, Unexpected};

use super::trail::push;
use crate::problem::{FieldCode, FieldError};

/// What is wrong, and where once that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct WireError {
    code: FieldCode,
    params: Vec<(&'static str, i64)>,
    /// The member that is meant, below the place where the error arose.
    member: Option<String>,
    pointer: Option<String>,
}

impl WireError {
    /// That is wrong.
    pub(super) fn new(code: FieldCode) -> Self {
        Self { code, params: Vec::new(), member: None, pointer: None }
    }

    /// A number outside of that range.
    pub(super) fn out_of_range(min: i64, max: i64) -> Self {
        Self { params: vec![("min", min), ("max", max)], ..Self::new(FieldCode::OutOfRange) }
    }

    /// What is wrong.
    pub(in crate::http) fn code(&self) -> FieldCode {
        self.code
    }

    /// The member that is meant.
    pub(in crate::http) fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// The same about `member`.
    pub(in crate::http) fn of(mut self, member: &str) -> Self {
        self.member = Some(member.to_owned());
        self
    }

    /// The same at `path`, unless it is known more exactly.
    pub(super) fn at(mut self, path: &str) -> Self {
        if self.pointer.is_none() {
            let mut pointer = path.to_owned();
            if let Some(member) = &self.member {
                push(&mut pointer, member);
            }
            self.pointer = Some(pointer);
        }
        self
    }

    /// As callers are told.
    pub(super) fn into_field(self) -> FieldError {
        FieldError { pointer: self.pointer.unwrap_or_default(), code: self.code, params: self.params }
    }
}

impl Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl std::error::Error for WireError {}

impl serde::de::Error for WireError {
    /// Where a type's own parsing fails.
    fn custom<T: Display>(_: T) -> Self {
        Self::new(FieldCode::InvalidFormat)
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new(FieldCode::InvalidType)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(FieldCode::InvalidChoice)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self { member: Some(field.to_owned()), ..Self::new(FieldCode::UnknownField) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { member: Some(field.to_owned()), ..Self::new(FieldCode::Required) }
    }
}
