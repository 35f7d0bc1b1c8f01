//! The gate and the transactions behind it, on a real Postgres.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod aborted;
mod compile;
mod fence;
mod idempotency;
mod meter;
mod notes;
mod passes;
mod placements;
mod rights;
mod round_trips;
