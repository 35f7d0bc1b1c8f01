//! The service with this domain alone, and callers of it.

use actix_web::http::Method;
use ouvira_audit::{Live, http::routes};
use ouvira_common::{context::RequestContext, testing::Call};

use crate::support::House;

impl House {
    /// A request by the holder of `ctx`'s session; by nobody when there is none.
    pub(crate) fn call(&self, ctx: Option<&RequestContext>, method: Method, path: &str) -> Call {
        let call = Call::at(&self.tenant, method, path).to(routes).with(self.audit()).with(Live::new());
        match ctx {
            Some(ctx) => call.by(ctx),
            None => call,
        }
    }
}
