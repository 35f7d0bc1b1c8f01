//! The ways to people and the test that they are people: SMTP, Twilio, Turnstile, and in local mode an inbox instead.
//!
//! No error here holds an address or a text: errors reach the log.

#[cfg(test)]
mod answering;
mod captcha;
mod inbox;
mod outlets;
mod smtp;
mod turnstile;
mod twilio;
mod web;

use std::fmt;

pub(crate) use self::{
    captcha::{NoCaptcha, captcha},
    inbox::{Inbox, inbox_routes},
    outlets::Outlets,
};

/// A way out that cannot be opened as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetupError {
    variable: &'static str,
    reason: String,
}

impl SetupError {
    fn new(variable: &'static str, reason: impl fmt::Display) -> Self {
        Self { variable, reason: reason.to_string() }
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl std::error::Error for SetupError {}
