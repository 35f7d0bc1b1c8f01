//! The routes, over a real tenant.

mod companies;
mod service;
mod settings;
