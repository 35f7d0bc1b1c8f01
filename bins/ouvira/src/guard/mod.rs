//! What stands between the internet and the API: which hosts are answered, which origins' pages may call, and the headers
//! that tell browsers to be careful.
//!
//! Two middlewares. [`answers`] goes outermost, since it completes every answer, of whatever layer. [`entrance`] goes
//! inside of what makes errors problem documents, and lets in or turns away.

mod completed;
mod cors;
mod headers;
mod hosts;
mod in_time;

use std::sync::Arc;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::header::{self, HeaderMap, HeaderValue},
    middleware::{Next, from_fn},
};
use ouvira_common::{http::Problem, problem::Code};

use self::{completed::Completed, cors::Cors, headers::Headers};
pub(crate) use self::{hosts::is_health, in_time::in_time};
use crate::config::{AllowedHosts, Config, Mode};

/// What is let in and how it is answered. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Guard(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    hosts: AllowedHosts,
    cors: Cors,
    headers: Headers,
}

impl Guard {
    /// The guard that `config` asks for.
    pub(crate) fn new(config: &Config) -> Self {
        let https = config.mode == Mode::Production || config.http.tls.is_some();
        Self(Arc::new(Rules {
            hosts: config.http.allowed_hosts.clone(),
            cors: Cors::new(config.http.cors_origins.clone()),
            headers: Headers::new(https),
        }))
    }

    /// Adds to an answer what browsers should know.
    fn complete(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        self.0.cors.share(origin, headers);
        self.0.headers.complete(headers);
    }
}

/// Gives every answer the headers of [`Headers`], and to pages of allowed origins the right to read it. Goes outermost.
pub(crate) fn answers<S, B>(
    guard: &Guard,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let guard = guard.clone();
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let guard = guard.clone();
        let origin = request.headers().get(header::ORIGIN).cloned();
        async move {
            match next.call(request).await {
                Ok(mut response) => {
                    guard.complete(origin.as_ref(), response.headers_mut());
                    Ok(response)
                }
                Err(error) => Err(Completed { error, guard, origin }.into()),
            }
        }
    })
}

/// Refuses hosts that are not ours, and answers preflight requests of browsers (Fetch §4.8). Goes inside of
/// [`problems`](ouvira_common::http::problems).
pub(crate) fn entrance<S, B>(
    guard: &Guard,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
+ use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let guard = guard.clone();
    from_fn(move |request: ServiceRequest, next: Next<B>| {
        let guard = guard.clone();
        async move {
            if !hosts::admits(&guard.0.hosts, &request) {
                return Ok(request.error_response(Problem::new(Code::HostNotAllowed)));
            }
            if let Some(answer) = guard.0.cors.preflight(request.head()) {
                return Ok(request.into_response(answer));
            }
            next.call(request).await.map(ServiceResponse::map_into_boxed_body)
        }
    })
}
