//! What the service tells of itself: log lines, metrics, traces.

mod export;
mod log;
mod page;
mod process;
mod requests;
mod routes;
mod text;

pub(crate) use export::Exporter;
pub(crate) use log::begin;
pub(crate) use page::{Page, serve};
pub(crate) use requests::Requests;
pub(crate) use routes::Routes;
pub(crate) use text::{Kind, Text};
