//! The routes, over a real tenant.

mod import;
mod profile;
mod service;
mod users;
