//! The whole product: the real binary on a real Postgres, through its own doors.

mod architecture;
mod bad_input;
mod command_line;
mod completeness;
mod older_names;
mod production;
mod service;
mod slice;
mod walls;
