//! The service with this domain alone, and callers of it.

use std::sync::Arc;

use actix_web::http::Method;
use async_trait::async_trait;
use chrono::Duration;
use ouvira_common::{
    db::SessionScope,
    http::OperatorDesk,
    id::{OperatorId, SessionId},
    ports::{OperatorVerifier, TokenError, VerifiedOperator},
    testing::{Call, fakes::AllowAll},
    time::Timestamp,
};
use ouvira_tenancy::http::routes;
use uuid::Uuid;

use crate::support::Platform;

/// Knows the tokens `root`, `enrolling` and `lapsed`, and the operator behind them.
#[derive(Clone, Copy)]
struct FixedOperators(OperatorId);

#[async_trait]
impl OperatorVerifier for FixedOperators {
    async fn verify_operator(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<VerifiedOperator>, TokenError> {
        let scope = match token {
            "root" => SessionScope::Full,
            "enrolling" => SessionScope::Enrol,
            "lapsed" => return Err(TokenError::Invalid),
            _ => return Ok(None),
        };
        Ok(Some(VerifiedOperator {
            operator: self.0,
            session: SessionId(Uuid::nil()),
            scope,
            amr: vec!["pwd".to_owned(), "otp".to_owned()],
            authenticated_at: now,
            expires_at: now + Duration::minutes(15),
        }))
    }
}

impl Platform {
    /// A request by nobody, that names no tenant.
    pub(crate) fn call(&self, method: Method, path: &str) -> Call {
        Call::new(Arc::new(self.directory.clone()), self.clock.clone(), method, path)
            .to(routes)
            .with(self.tenancy(Arc::new(AllowAll)))
            .with(self.tenants.clone())
            .with(self.desk(OperatorId(Uuid::nil())))
    }

    /// A request by an operator with that token.
    pub(crate) fn operators_call(&self, who: OperatorId, token: &str, method: Method, path: &str) -> Call {
        self.call(method, path).with(self.desk(who)).header("Authorization", &format!("Bearer {token}"))
    }

    fn desk(&self, operator: OperatorId) -> OperatorDesk {
        OperatorDesk { verifier: Arc::new(FixedOperators(operator)), clock: self.clock.clone() }
    }
}
