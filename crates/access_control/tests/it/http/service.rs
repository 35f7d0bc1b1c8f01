//! The service with this domain alone, and callers of it.

use actix_web::http::Method;
use ouvira_access_control::http::routes;
use ouvira_common::testing::{Answer, Call, TestUser};
use serde_json::Value;

use crate::world::World;

impl World {
    /// A request by `user`, or by nobody.
    pub(crate) fn call(&self, user: Option<&TestUser>, method: Method, path: &str) -> Call {
        let call = Call::at(&self.tenant, method, path).to(routes).with(self.access.clone());
        match user {
            Some(user) => call.by(&self.tenant.context(user)),
            None => call,
        }
    }

    pub(crate) async fn get(&self, user: &TestUser, path: &str) -> Answer {
        self.call(Some(user), Method::GET, path).send().await
    }

    pub(crate) async fn post(&self, user: &TestUser, path: &str, body: &Value) -> Answer {
        self.call(Some(user), Method::POST, path).json(body).send().await
    }

    pub(crate) async fn delete(&self, user: &TestUser, path: &str) -> Answer {
        self.call(Some(user), Method::DELETE, path).send().await
    }
}
