//! Against the real Postgres of this machine, as an ordinary user and as root.

#![expect(clippy::unwrap_used, reason = "a test may panic, and so may what helps it")]

mod access;
mod crash;
mod one_server;
mod start;
mod support;
