//! The HTTP building blocks, through requests as a client sends them.

mod answers;
mod bodies;
mod callers;
mod logs;
mod methods;
mod openapi;
mod origins;
mod pages;
mod problems;
mod properties;
mod queries;
mod request_ids;
mod support;
mod tenants;
mod wire;
