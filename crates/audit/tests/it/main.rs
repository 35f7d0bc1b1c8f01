//! Use cases of the logs and of notifications, on a real Postgres in every placement.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod activity;
mod court;
mod export;
mod exported_record;
mod format;
#[cfg(feature = "http")]
mod http;
mod isolation;
mod keeping;
mod notifications;
mod outside;
mod plans;
mod rounds;
mod sealing;
mod security;
mod stream;
mod support;
mod tampering;
