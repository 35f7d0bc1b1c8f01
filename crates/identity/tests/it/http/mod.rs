//! The routes, over a real tenant.

mod profile;
mod service;
mod users;
