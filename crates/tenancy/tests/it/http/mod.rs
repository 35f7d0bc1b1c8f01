//! The routes, over a real catalog.

mod own;
mod service;
