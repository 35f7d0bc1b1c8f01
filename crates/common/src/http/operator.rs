//! Callers of routes that belong to no tenant: operators, and whoever is about to sign in as one.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
    ops::Deref,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web::Data};
use apistos::{ApiComponent, Schema, reference_or::ReferenceOr, security::SecurityScheme};
use futures_util::{FutureExt as _, future::LocalBoxFuture};

use super::{Gatekeeper, Problem, admission::Admission, caller::bearer, query::refuse_unclaimed};
use crate::{
    context::Origin,
    db::SessionScope,
    platform::PlatformContext,
    ports::{OperatorVerifier, VerifiedOperator},
    problem::Code,
    time::Clock,
};

/// Knows operators by their tokens. In the app data as `web::Data<OperatorDesk>`; without, nobody is one.
pub struct OperatorDesk {
    /// Checks operators' tokens.
    pub verifier: Arc<dyn OperatorVerifier>,
    /// Tells the time of each request.
    pub clock: Arc<dyn Clock>,
}

/// Anybody, on a route that belongs to no tenant; a token that may have been sent is not looked at.
#[derive(Debug, Clone)]
pub struct PlatformVisitor(pub PlatformContext);

/// An operator with a valid access token of their own.
#[derive(Debug, Clone)]
pub struct SignedInOperator {
    /// The operator, and where they call from.
    pub ctx: PlatformContext,
    /// What the token says.
    pub token: VerifiedOperator,
}

/// As [`SignedInOperator`], and open to a session that still has to enrol its second factor.
#[derive(Debug, Clone)]
pub struct EnrollingOperator(pub SignedInOperator);

/// What a request shows. Holds no reference to it, since it may be kept in its extensions.
struct Arrival {
    desk: Option<Data<OperatorDesk>>,
    /// Whether it brings credentials of any kind.
    credentials: bool,
    token: Option<String>,
    origin: Result<Origin, Problem>,
}

impl Arrival {
    fn of(request: &HttpRequest) -> Self {
        Self {
            desk: request.app_data::<Data<OperatorDesk>>().cloned(),
            credentials: request.headers().contains_key(header::AUTHORIZATION),
            token: bearer_token(request),
            origin: Gatekeeper::origin(request),
        }
    }

    async fn recognise(self) -> Result<Option<SignedInOperator>, Problem> {
        let (Some(desk), Some(token)) = (self.desk, self.token) else { return Ok(None) };
        let now = desk.clock.now();
        let Some(token) = desk.verifier.verify_operator(&token, now).await? else { return Ok(None) };
        let ctx = PlatformContext::operator(token.operator, self.origin?, now);
        Ok(Some(SignedInOperator { ctx, token }))
    }

    fn visitor(self) -> Ready<Result<PlatformVisitor, Problem>> {
        let missing = || Problem::internal("there is no OperatorDesk in the app data");
        let desk = self.desk.ok_or_else(missing);
        ready(
            desk.and_then(|desk| {
                Ok(PlatformVisitor(PlatformContext::anonymous(self.origin?, desk.clock.now())))
            }),
        )
    }

    async fn enrolling(self) -> Result<EnrollingOperator, Problem> {
        let code = if self.credentials { Code::TokenInvalid } else { Code::TokenMissing };
        let operator = self.recognise().await?.ok_or_else(|| Problem::new(code))?;
        Ok(EnrollingOperator(operator))
    }

    async fn signed_in(self) -> Result<SignedInOperator, Problem> {
        self.enrolling().await?.0.in_full()
    }
}

impl OperatorDesk {
    /// The operator who sends `request`; `None` where no bearer token was sent, or one for tenants' routes. A token of
    /// theirs that is not valid is 401 `token_invalid`.
    pub async fn recognise(request: &HttpRequest) -> Result<Option<SignedInOperator>, Problem> {
        Arrival::of(request).recognise().await
    }
}

impl SignedInOperator {
    /// The same, unless a second factor has to be set up first: 403 `two_factor_required`.
    pub fn in_full(self) -> Result<Self, Problem> {
        match self.token.scope {
            SessionScope::Full => Ok(self),
            SessionScope::Enrol => Err(Problem::new(Code::TwoFactorRequired)),
        }
    }
}

/// The bearer token (RFC 6750 §2.1), when there is exactly one.
fn bearer_token(request: &HttpRequest) -> Option<String> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' ').to_owned())
}

macro_rules! extractor {
    ($name:ident, $find:ident, token: $token:expr) => {
        impl FromRequest for $name {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let caller = Admission::begin(request, Arrival::of(request).$find());
                let request = request.clone();
                async move {
                    let caller = caller.await?;
                    refuse_unclaimed(&request).map(|()| caller)
                }
                .boxed_local()
            }
        }

        impl ApiComponent for $name {
            fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
                Vec::new()
            }

            fn schema() -> Option<(String, ReferenceOr<Schema>)> {
                None
            }

            fn securities() -> BTreeMap<String, SecurityScheme> {
                if $token { BTreeMap::from([bearer()]) } else { BTreeMap::new() }
            }

            fn security_requirement_name() -> Option<String> {
                $token.then(|| bearer().0)
            }
        }
    };
}

extractor!(PlatformVisitor, visitor, token: false);
extractor!(SignedInOperator, signed_in, token: true);
extractor!(EnrollingOperator, enrolling, token: true);

impl Deref for PlatformVisitor {
    type Target = PlatformContext;

    fn deref(&self) -> &PlatformContext {
        &self.0
    }
}

impl Deref for EnrollingOperator {
    type Target = SignedInOperator;

    fn deref(&self) -> &SignedInOperator {
        &self.0
    }
}
