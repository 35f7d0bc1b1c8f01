//! The routes, over a real tenant.

mod logs;
mod notifications;
mod service;
