//! The methods that every resource has without a handler of its own.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        Method, StatusCode,
        header::{ALLOW, HeaderMap, HeaderValue},
    },
    middleware::{Next, from_fn},
};

/// Answers HEAD as GET without its body (RFC 9110 §9.3.2), and OPTIONS with 204 and `Allow` (§9.3.7). Goes inside of
/// [`problems`](super::problems).
pub fn methods<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(answer::<B>)
}

async fn answer<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asks = *request.method() == Method::OPTIONS;
    if *request.method() == Method::HEAD {
        // The server leaves out the body of whatever it read as HEAD.
        request.head_mut().method = Method::GET;
    }
    let mut response = next.call(request).await?;
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        complete(response.headers_mut());
        if asks {
            *response.response_mut().status_mut() = StatusCode::NO_CONTENT;
            return Ok(response.map_body(|_, _| BoxBody::new(())));
        }
    }
    Ok(response.map_into_boxed_body())
}

/// Adds to `Allow` what is allowed without a handler.
fn complete(headers: &mut HeaderMap) {
    let allowed = headers.get(ALLOW).and_then(|allowed| allowed.to_str().ok()).unwrap_or_default();
    let mut methods: Vec<_> = allowed.split(',').map(str::trim).filter(|method| !method.is_empty()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    methods.sort_unstable();
    methods.dedup();
    if let Ok(allowed) = HeaderValue::try_from(methods.join(", ")) {
        headers.insert(ALLOW, allowed);
    }
}
