//! The whole product: the real binary on a real Postgres, through its own doors.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on has failed; nothing outside is reached"
)]

mod architecture;
mod authenticator;
mod bad_input;
mod clauses;
mod command_line;
mod company_second_factor;
mod completeness;
mod documents;
mod guard;
mod idempotency;
mod keys;
mod limits;
mod nodes;
mod odd_input;
mod older_names;
mod operators;
mod people;
mod production;
mod races;
mod record;
mod redis_server;
mod service;
mod slice;
mod survival;
mod telemetry;
mod tenant_settings;
mod walls;
mod webhooks;
