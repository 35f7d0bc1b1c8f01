//! Users on a real Postgres.

mod addresses;
mod create;
mod delete;
mod directory;
mod growth;
#[cfg(feature = "http")]
mod http;
mod import;
mod isolation;
mod list;
mod profile;
mod read;
mod round_trips;
mod support;
mod update;
