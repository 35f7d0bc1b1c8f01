//! First who calls, then what they sent.
//!
//! actix polls the extractors of a handler side by side, so that the first error to be found would be told: a stranger
//! would hear of a body's mistakes, and have it read, before being asked who they are. Here the extractor of the caller
//! leaves its outcome where the others wait for it.

use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::{
    FutureExt as _, TryFutureExt as _,
    future::{LocalBoxFuture, Shared},
};

use super::Problem;

/// The caller being found out. Kept in the request's extensions, and so must hold no reference to it.
#[derive(Clone)]
pub(super) struct Admission(Shared<LocalBoxFuture<'static, Result<(), Problem>>>);

impl Admission {
    /// Starts to find out who sends `request`; for the extractors of callers, who are answered once that is known.
    pub(super) fn begin<C: Clone + 'static>(
        request: &HttpRequest,
        caller: impl Future<Output = Result<C, Problem>> + 'static,
    ) -> impl Future<Output = Result<C, Problem>> + 'static {
        let caller = caller.boxed_local().shared();
        let admitted = caller.clone().map_ok(drop).boxed_local().shared();
        request.extensions_mut().insert(Self(admitted));
        caller
    }

    /// Whether the caller is let in, once that is known.
    async fn outcome(self) -> Result<(), Problem> {
        self.0.await
    }
}

/// What an extractor `wants`, after the caller was let in. All extractors are called before the first one is polled:
/// whatever caller the route asks for, the admission has begun by then.
pub(super) fn once_admitted<T: 'static>(
    request: &HttpRequest,
    wants: impl Future<Output = Result<T, Problem>> + 'static,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let request = request.clone();
    async move {
        let admission = request.extensions().get::<Admission>().cloned();
        if let Some(admission) = admission {
            admission.outcome().await?;
        }
        wants.await
    }
    .boxed_local()
}
