//! How an import went.

use std::borrow::Cow;

use ouvira_common::{
    locale::Locale,
    problem::{Code, FieldCode, FieldError},
};

/// How an import went, line by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Users that began.
    pub created: usize,
    /// Users that were there already, and are now as their line says.
    pub updated: usize,
    /// Lines of which nothing came.
    pub failed: usize,
    /// The lines, in order; the header and empty ones left out.
    pub lines: Vec<ImportedLine>,
}

/// How one line went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedLine {
    /// Where in the file it begins; the first line is 1.
    pub line: u32,
    /// What came of it.
    pub outcome: LineOutcome,
}

/// What came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineOutcome {
    /// A user began.
    Created,
    /// A user that was there already is now as it says.
    Updated,
    /// Nothing.
    Failed(Vec<LineError>),
}

impl LineOutcome {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Failed(_) => "failed",
        }
    }
}

/// Why nothing came of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineError {
    /// A field is not valid.
    Field(FieldError),
    /// The line is valid, and refused.
    Refused {
        /// Points at the field that is meant; empty for the line as a whole.
        pointer: &'static str,
        /// Why.
        code: Code,
    },
}

impl LineError {
    pub(super) fn too_many(max: usize) -> Self {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        Self::Field(FieldError::new("", FieldCode::TooMany).with("max", max))
    }

    /// Points at the field that is meant (RFC 6901); empty for the line as a whole.
    pub fn pointer(&self) -> &str {
        match self {
            Self::Field(error) => &error.pointer,
            Self::Refused { pointer, .. } => pointer,
        }
    }

    /// The stable name of what is wrong.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Field(error) => error.code.as_str(),
            Self::Refused { code, .. } => code.as_str(),
        }
    }

    /// What it says to a person.
    pub fn message(&self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Field(error) => Cow::Owned(error.message(locale)),
            Self::Refused { code, .. } => Cow::Borrowed(code.text(locale)),
        }
    }

    /// Values in the message, such as `max`.
    pub fn params(&self) -> &[(&'static str, i64)] {
        match self {
            Self::Field(error) => &error.params,
            Self::Refused { .. } => &[],
        }
    }
}

impl ImportReport {
    pub(super) fn push(&mut self, line: u32, outcome: LineOutcome) {
        match outcome {
            LineOutcome::Created => self.created += 1,
            LineOutcome::Updated => self.updated += 1,
            LineOutcome::Failed(_) => self.failed += 1,
        }
        self.lines.push(ImportedLine { line, outcome });
    }
}
