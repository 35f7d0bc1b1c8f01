//! The service with this domain alone, and callers of it.

use actix_web::http::Method;
use ouvira_common::{context::RequestContext, testing::Call};
use ouvira_webhooks::http::routes;

use crate::support::House;

impl House {
    /// A request by the holder of `ctx`'s session; the path is below `/audit/webhooks`.
    pub(crate) fn call(&self, ctx: &RequestContext, method: Method, path: &str) -> Call {
        let path = format!("/audit/webhooks{path}");
        Call::at(&self.tenant, method, &path).by(ctx).to(routes).with(self.webhooks())
    }

    /// A GET.
    pub(crate) fn get(&self, ctx: &RequestContext, path: &str) -> Call {
        self.call(ctx, Method::GET, path)
    }

    /// A POST.
    pub(crate) fn post(&self, ctx: &RequestContext, path: &str, body: &serde_json::Value) -> Call {
        self.call(ctx, Method::POST, path).json(body)
    }
}
