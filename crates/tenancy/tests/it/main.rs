//! Tenancy on a real Postgres, in all three placements.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod catalog;
mod create;
mod directory;
mod fleet;
#[cfg(feature = "http")]
mod http;
mod keys;
mod operators;
mod placements;
mod purge;
mod serving_role;
mod settings;
mod states;
mod support;
