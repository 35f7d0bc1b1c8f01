//! Use cases of companies, on a real Postgres in every placement.

mod create;
mod delete;
mod growth;
#[cfg(feature = "http")]
mod http;
mod isolation;
mod list;
mod relocate;
mod settings;
mod support;
mod tree;
mod update;
