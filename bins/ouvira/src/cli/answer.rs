//! What a command answers: a text for people, or JSON for machines.

use std::io::{Write as _, stdout};

use ouvira_common::{
    locale::Locale,
    problem::{Code, Failure, FieldError},
};
use ouvira_tenancy::TenancyError;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{config::Mistakes, platform::PlatformError};

/// What goes to stdout.
#[derive(Debug)]
pub(crate) struct Answer {
    people: String,
    machines: Value,
}

impl Answer {
    /// A text, and the same as data.
    pub(crate) fn new(people: impl Into<String>, machines: impl Serialize) -> Self {
        let machines = serde_json::to_value(machines).expect("an answer is plain data");
        Self { people: people.into(), machines }
    }

    /// Nothing to say.
    pub(crate) fn nothing() -> Self {
        Self { people: String::new(), machines: Value::Null }
    }

    /// Prints it.
    pub(crate) fn print(&self, json: bool) {
        // Whoever closed the pipe has read enough.
        let _ = match (json, &self.machines) {
            (_, Value::Null) => Ok(()),
            (true, machines) => writeln!(stdout(), "{machines}"),
            (false, _) => writeln!(stdout(), "{}", self.people.trim_end()),
        };
    }
}

/// Why a command failed; goes to stderr, and the exit status is 1.
#[derive(Debug)]
pub(crate) struct CommandError {
    code: &'static str,
    text: String,
    fields: Vec<FieldError>,
}

impl CommandError {
    /// Something of ours or of the machine's.
    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        Self { code: Code::InternalError.as_str(), text: error.to_string(), fields: Vec::new() }
    }

    /// What a check found, a line each.
    pub(crate) fn faults(code: &'static str, faults: &[String]) -> Self {
        Self { code, text: faults.join("\n"), fields: Vec::new() }
    }

    /// What a use case refused.
    pub(crate) fn refused(error: &dyn Failure) -> Self {
        Self { code: error.code().as_str(), text: error.to_string(), fields: error.fields().to_vec() }
    }

    /// Prints it.
    pub(crate) fn print(&self, json: bool) {
        if json {
            let fields: Vec<_> = self
                .fields
                .iter()
                .map(|field| json!({"pointer": field.pointer, "code": field.code.as_str(), "message": field.message(Locale::En)}))
                .collect();
            eprintln!("{}", json!({"code": self.code, "detail": self.text, "errors": fields}));
            return;
        }
        eprintln!("error: {}", self.text);
        for field in &self.fields {
            eprintln!("  {}: {} ({})", field.pointer, field.message(Locale::En), field.code.as_str());
        }
    }
}

impl From<Mistakes> for CommandError {
    fn from(mistakes: Mistakes) -> Self {
        Self { code: "configuration_invalid", text: mistakes.to_string(), fields: Vec::new() }
    }
}

impl From<PlatformError> for CommandError {
    fn from(error: PlatformError) -> Self {
        Self { code: Code::ServiceUnavailable.as_str(), text: error.to_string(), fields: Vec::new() }
    }
}

impl From<TenancyError> for CommandError {
    fn from(error: TenancyError) -> Self {
        let code = match &error {
            TenancyError::NotMigrated => "not_migrated",
            TenancyError::Behind(_) => "behind_this_release",
            _ => return Self::refused(&error),
        };
        Self { code, text: error.to_string(), fields: Vec::new() }
    }
}
