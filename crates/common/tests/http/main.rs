//! The HTTP building blocks, through requests as a client sends them.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod bodies;
mod callers;
mod logs;
mod methods;
mod openapi;
mod origins;
mod pages;
mod problems;
mod properties;
mod queries;
mod request_ids;
mod support;
mod tenants;
mod wire;
