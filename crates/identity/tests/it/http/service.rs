//! The service with this domain alone, and callers of it.

use actix_web::http::Method;
use ouvira_common::{context::RequestContext, testing::Call};
use ouvira_identity::http::routes;

use crate::support::World;

impl World {
    /// A request by the holder of that session.
    pub(crate) fn call(&self, ctx: &RequestContext, method: Method, path: &str) -> Call {
        self.anonymous(method, path).by(ctx)
    }

    /// A request by nobody.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> Call {
        Call::at(&self.tenant, method, path).to(routes).with(self.users.clone())
    }
}
