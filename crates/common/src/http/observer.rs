//! Who is told of requests, besides the log.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};

use super::TraceContext;
use crate::{db::Reading, id::TenantId, problem::Code, tenant::PlacementMode};

/// Is told of every request. Called on the way of each: it does not block and does not allocate.
pub trait Observer: Send + Sync {
    /// The route that `path` leads to: its number, and its template as the `OpenAPI` document has it. `None` where it leads
    /// nowhere.
    fn route(&self, path: &str) -> Option<(usize, &str)>;

    /// A request came.
    fn begun(&self);

    /// It is over: `finished` says how, and is `None` when the client went away before there was an answer.
    fn ended(&self, finished: Option<&Finished<'_>>);
}

/// A request that was answered. The body may still be on its way.
#[derive(Debug)]
pub struct Finished<'r> {
    /// The number of its route, as the observer gave it.
    pub route: Option<usize>,
    /// Its method.
    pub method: &'r Method,
    /// `X-Request-Id`.
    pub request_id: &'r str,
    /// The trace it is part of.
    pub trace: TraceContext,
    /// The tenant that it named and where that lives; `None` where it named none that is in service.
    pub tenant: Option<(TenantId, PlacementMode)>,
    /// The answer's status.
    pub status: StatusCode,
    /// The problem's code, where it is one.
    pub problem: Option<Code>,
    /// From its head to its answer's.
    pub took: Duration,
    /// What it asked of Postgres.
    pub database: Reading,
}
