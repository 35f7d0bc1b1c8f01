//! What access control promises, on a real Postgres, in every placement.

mod decisions;
mod giving;
mod growth;
#[cfg(feature = "http")]
mod http;
mod invitations;
mod isolation;
mod lapsed;
mod members;
mod oracle;
mod owners;
mod permissions;
mod ports;
mod questions;
mod races;
mod renewal;
mod roles;
mod world;
