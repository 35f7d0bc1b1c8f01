//! Signing in, on a real Postgres, in every placement.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod addresses;
mod forget_lapsed;
#[cfg(feature = "http")]
mod http;
mod login;
mod password;
mod refresh;
mod second_factor;
mod sessions;
mod sign_up;
mod support;
mod tokens;
