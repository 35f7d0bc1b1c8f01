//! `X-Request-Id`: the name under which a request is found in the logs.

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse, Transform},
    http::header::{HeaderName, HeaderValue},
    middleware::{Next, from_fn},
};

use crate::{
    id::uuid_at,
    time::{Clock as _, SystemClock},
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Clone)]
struct RequestId(String);

/// Gives every request an id, and the answer too.
pub fn request_ids<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: actix_web::dev::Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(async |request: ServiceRequest, next: Next<B>| {
        let id = fresh();
        request.extensions_mut().insert(RequestId(id.clone()));
        let mut response = next.call(request).await?;
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        Ok(response)
    })
}

/// The id of `request`.
pub(super) fn request_id(request: &HttpRequest) -> String {
    request.extensions().get::<RequestId>().map_or_else(fresh, |id| id.0.clone())
}

fn fresh() -> String {
    uuid_at(SystemClock.now()).to_string()
}
