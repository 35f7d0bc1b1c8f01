//! Use cases of webhooks, on a real Postgres in every placement, with a receiver that checks signatures by another's
//! implementation of Standard Webhooks.

mod deliver;
#[cfg(feature = "http")]
mod http;
mod manage;
mod receiver;
mod support;
mod targets;
