//! No request takes for ever: what stands still behind it (a lock, a server that hangs) is not waited for.

use std::time::Duration;

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    middleware::{Next, from_fn},
};
use ouvira_common::{http::Problem, problem::Code};
use tokio::time::timeout;

/// May take as long as it comes: the pieces of its file have a limit of their own.
const AS_LONG_AS_IT_COMES: &str = "/api/v1/account/users/import";

/// Answers 503 to a request whose answer has not begun after `limit`, and drops its work, which rolls back its transaction.
/// An answer that has begun, such as a stream, goes on.
pub(crate) fn in_time<S, B>(
    limit: Duration,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(move |request: ServiceRequest, next: Next<B>| async move {
        if request.path() == AS_LONG_AS_IT_COMES {
            return next.call(request).await;
        }
        let answered = timeout(limit, next.call(request)).await;
        answered.unwrap_or_else(|_| {
            tracing::warn!("a request took too long and was broken off");
            Err(Problem::new(Code::ServiceUnavailable).into())
        })
    })
}
