//! The gate and the transactions behind it, on a real Postgres.

mod aborted;
mod compile;
mod fence;
mod notes;
mod passes;
mod placements;
mod rights;
mod round_trips;
