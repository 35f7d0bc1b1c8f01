//! The routes, over a real catalog.

mod operators;
mod own;
mod service;
