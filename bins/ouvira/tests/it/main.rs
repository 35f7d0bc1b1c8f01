//! The whole product: the real binary on a real Postgres, through its own doors.
#![expect(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on has failed; nothing outside is reached"
)]

mod architecture;
mod authenticator;
mod bad_input;
mod checkpoints;
mod clauses;
mod command_line;
mod company_second_factor;
mod completeness;
mod cookies;
mod documents;
mod guard;
mod idempotency;
mod invitations;
mod keys;
mod last_owner;
mod limits;
mod messages;
mod misuse;
mod nodes;
mod object_store;
mod odd_input;
mod older_names;
mod operators;
mod passwords;
mod people;
mod production;
mod production_refusals;
mod races;
mod record;
mod redis_server;
mod service;
mod slice;
mod slow_clients;
mod survival;
mod telemetry;
mod tenant_settings;
mod tls;
mod tokens;
mod walls;
mod webhooks;
