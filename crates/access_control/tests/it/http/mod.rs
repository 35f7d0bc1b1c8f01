//! The routes, over a real tenant.

mod invitations;
mod members;
mod questions;
mod roles;
mod service;
