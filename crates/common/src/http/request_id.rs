//! `X-Request-Id`: the name under which a request is found in the logs.

use std::{fmt, sync::Arc, time::Instant};

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
};
use tracing::{Instrument as _, field::Empty};
use uuid::Uuid;

use super::{Finished, Gatekeeper, Observer, TraceContext, problems};
use crate::{
    db::metered,
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
        Self::of_uuid(uuid_at(SystemClock.now()))
    }

    fn of_uuid(id: Uuid) -> Self {
        let mut buffer = Uuid::encode_buffer();
        let text = id.hyphenated().encode_lower(&mut buffer);
        Self(HeaderValue::from_str(text).expect("a UUID is a header value"))
    }

    /// Of a request; a fresh one where [`request_ids`] does not run.
    pub(super) fn of(request: &HttpRequest) -> Self {
        request.extensions().get().cloned().unwrap_or_else(Self::fresh)
    }

    fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// As a header value.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Gives every request and its answer an `X-Request-Id`, a span for whatever is logged meanwhile, and one event when it
/// is finished. The span knows method, route, request id, trace and tenant: no address, no path, no query string. Goes
/// outermost.
pub fn request_ids<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(|request, next| follow(None, request, next))
}

/// The same, and tells `observer`.
pub fn observed_requests<S, B>(
    observer: Arc<dyn Observer>,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(move |request, next| follow(Some(Arc::clone(&observer)), request, next))
}

async fn follow<B: MessageBody + 'static>(
    observer: Option<Arc<dyn Observer>>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let fresh = uuid_at(SystemClock.now());
    let id = RequestId::given(request.headers()).unwrap_or_else(|| RequestId::of_uuid(fresh));
    request.extensions_mut().insert(id.clone());
    let trace = TraceContext::of(request.headers(), fresh);
    let method = request.method().clone();
    let telling = observer.as_deref().map(Observed::begin);
    let route = observer.as_deref().and_then(|observer| observer.route(request.path()));
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        trace_id = format_args!("{:032x}", trace.trace),
        method = %method,
        route = route.map(|(_, template)| template),
        tenant = Empty,
    );

    let (mut answered, database) = metered(next.call(request).instrument(span.clone())).await;
    let took = started.elapsed();
    let (status, problem, tenant) = match &mut answered {
        Ok(response) => {
            if observer.is_none()
                && let Some(route) = response.request().match_pattern()
            {
                span.record("route", route);
            }
            response.headers_mut().insert(X_REQUEST_ID, id.header());
            let problem = response.response().error().and_then(problems::code);
            (response.status(), problem, Gatekeeper::known_tenant(response.request()))
        }
        Err(error) => (error.as_response_error().status_code(), problems::code(error), None),
    };
    span.in_scope(|| {
        tracing::info!(
            status = status.as_u16(),
            problem = problem.map(Code::as_str),
            milliseconds = took.as_secs_f64() * 1000.0,
            queries = database.statements,
            query_milliseconds = database.time.as_secs_f64() * 1000.0,
            "request finished"
        );
    });
    if let Some(telling) = telling {
        telling.end(&Finished {
            route: route.map(|(number, _)| number),
            method: &method,
            request_id: id.as_str(),
            trace,
            tenant,
            status,
            problem,
            took,
            database,
        });
    }
    answered
}

/// Tells the observer of the end, whether or not there is an answer.
struct Observed<'o> {
    observer: &'o dyn Observer,
    told: bool,
}

impl<'o> Observed<'o> {
    fn begin(observer: &'o dyn Observer) -> Self {
        observer.begun();
        Self { observer, told: false }
    }

    fn end(mut self, finished: &Finished<'_>) {
        self.told = true;
        self.observer.ended(Some(finished));
    }
}

impl Drop for Observed<'_> {
    fn drop(&mut self) {
        if !self.told {
            self.observer.ended(None);
        }
    }
}
