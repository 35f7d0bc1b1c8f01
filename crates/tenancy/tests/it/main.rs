//! Tenancy on a real Postgres, in all three placements.

mod catalog;
mod create;
mod directory;
mod keys;
mod operators;
mod placements;
mod serving_role;
mod states;
mod support;
