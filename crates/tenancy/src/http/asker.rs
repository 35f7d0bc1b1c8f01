//! Who asks on routes that operators share with tenants' people.

use std::collections::BTreeMap;

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
};
use apistos::{ApiComponent, Schema, paths::Parameter, reference_or::ReferenceOr, security::SecurityScheme};
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, ready},
};
use ouvira_common::{
    http::{OperatorDesk, Problem, SignedIn},
    id::TenantId,
    problem::Code,
};

use crate::PlatformContext;

/// An operator, or somebody signed in to the tenant that the request names. Operators name none.
#[derive(Debug, Clone)]
pub(super) enum Asker {
    Operator(PlatformContext),
    User(SignedIn),
}

impl Asker {
    /// The operator; 403 `permission_denied` for tenants' people.
    pub(super) fn operator(self) -> Result<PlatformContext, Problem> {
        match self {
            Self::Operator(ctx) => Ok(ctx),
            Self::User(_) => Err(Problem::new(Code::PermissionDenied)),
        }
    }

    /// The operator, on what is done to one tenant: people of another one do not even see it, and hear 404 `not_found`.
    pub(super) fn operator_at(self, tenant: TenantId) -> Result<PlatformContext, Problem> {
        match &self {
            Self::User(caller) if caller.tenant_id() != tenant => Err(Problem::new(Code::NotFound)),
            _ => self.operator(),
        }
    }
}

/// The operator of a request; found before its path, query and body are looked at.
#[derive(Clone)]
struct Recognised(PlatformContext);

/// Middleware that finds out whether an operator asks. A token of theirs that is not valid ends the request.
pub(super) async fn recognise_operators<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match operator(&request).await {
        Err(problem) => return Ok(request.error_response(problem).map_into_right_body()),
        Ok(Some(ctx)) => drop(request.extensions_mut().insert(Recognised(ctx))),
        Ok(None) => {}
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

async fn operator(request: &ServiceRequest) -> Result<Option<PlatformContext>, Problem> {
    let recognised = OperatorDesk::recognise(request.request()).await?;
    recognised.map(|operator| Ok(operator.in_full()?.ctx)).transpose()
}

impl FromRequest for Asker {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let recognised = request.extensions().get::<Recognised>().cloned();
        match recognised {
            Some(Recognised(ctx)) => ready(Ok(Self::Operator(ctx))).boxed_local(),
            None => {
                SignedIn::from_request(request, payload).map(|caller| caller.map(Self::User)).boxed_local()
            }
        }
    }
}

impl ApiComponent for Asker {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        SignedIn::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn securities() -> BTreeMap<String, SecurityScheme> {
        SignedIn::securities()
    }

    fn security_requirement_name() -> Option<String> {
        SignedIn::security_requirement_name()
    }

    fn parameters() -> Vec<Parameter> {
        SignedIn::parameters()
    }
}
