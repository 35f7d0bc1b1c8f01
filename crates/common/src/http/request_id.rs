//! `X-Request-Id`: the name under which a request is found in the logs.

use std::{fmt, time::Instant};

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
};
use tracing::{Instrument as _, Span, field::Empty};

use super::problems;
use crate::{
    id::uuid_at,
    problem::Code,
    time::{Clock as _, SystemClock},
};

/// The header's name.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The caller's, when it is 8 to 128 of `[A-Za-z0-9._-]`: nothing that could forge a line of a log.
    fn given(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(&X_REQUEST_ID);
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        let well_formed = (8..=128).contains(&value.len())
            && value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte));
        well_formed.then(|| Self(value.clone()))
    }

    fn fresh() -> Self {
        let id = uuid_at(SystemClock.now()).to_string();
        Self(HeaderValue::try_from(id).expect("a UUID is a header value"))
    }

    /// Of a request; a fresh one where [`request_ids`] does not run.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request.extensions().get().cloned().unwrap_or_else(Self::fresh)
    }

    /// As a header value.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

/// Gives every request and its answer an `X-Request-Id`, a span for whatever is logged meanwhile, and one event when it
/// is finished. The span knows method, route pattern and id: no address, no path, no query string. Goes outermost.
pub fn request_ids<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(follow::<B>)
}

async fn follow<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let id = RequestId::given(request.headers()).unwrap_or_else(RequestId::fresh);
    request.extensions_mut().insert(id.clone());
    let span = tracing::info_span!("request", request_id = %id, method = %request.method(), route = Empty);

    let mut answered = next.call(request).instrument(span.clone()).await;
    match &mut answered {
        Ok(response) => {
            if let Some(route) = response.request().match_pattern() {
                span.record("route", route);
            }
            response.headers_mut().insert(X_REQUEST_ID, id.header());
            finished(&span, started, response.status().as_u16(), response.response().error());
        }
        Err(error) => finished(&span, started, error.as_response_error().status_code().as_u16(), Some(error)),
    }
    answered
}

fn finished(span: &Span, started: Instant, status: u16, error: Option<&Error>) {
    let problem = error.and_then(problems::code).map(Code::as_str);
    let milliseconds = started.elapsed().as_secs_f64() * 1000.0;
    span.in_scope(|| tracing::info!(status, problem, milliseconds, "request finished"));
}
