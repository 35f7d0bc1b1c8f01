//! Use cases of the logs and of notifications, on a real Postgres in every placement.

mod activity;
mod export;
mod format;
#[cfg(feature = "http")]
mod http;
mod isolation;
mod notifications;
mod sealing;
mod security;
mod stream;
mod support;
