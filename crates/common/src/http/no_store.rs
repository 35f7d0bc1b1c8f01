//! What the API answers is for its caller alone.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{CACHE_CONTROL, HeaderValue},
    middleware::{Next, from_fn},
};

/// Gives every answer below `/api/` that says nothing else of caching `Cache-Control: no-store` (RFC 9111 §5.2.2.5).
pub fn no_store<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(forbid::<B>)
}

async fn forbid<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let api = request.path().starts_with("/api/");
    let mut response = next.call(request).await?;
    if api && !response.headers().contains_key(CACHE_CONTROL) {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}
