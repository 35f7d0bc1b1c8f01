//! The routes of this domain, through a service that has nothing else.

mod service;
mod webhooks;
