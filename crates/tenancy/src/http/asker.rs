//! Who asks on routes that operators share with tenants' people.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web::Data,
};
use apistos::{ApiComponent, Schema, paths::Parameter, reference_or::ReferenceOr, security::SecurityScheme};
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, ready},
};
use ouvira_common::{
    db::SessionScope,
    http::{Gatekeeper, Problem, SignedIn},
    id::TenantId,
    ports::OperatorVerifier,
    problem::Code,
    time::Clock,
};

use crate::PlatformContext;

/// Knows operators by their tokens. In the app data as `web::Data<OperatorDesk>`; without, nobody is one.
pub struct OperatorDesk {
    /// Checks operators' tokens.
    pub verifier: Arc<dyn OperatorVerifier>,
    /// Tells the time of each request.
    pub clock: Arc<dyn Clock>,
}

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
    let Some(desk) = request.app_data::<Data<OperatorDesk>>().cloned() else { return Ok(None) };
    let Some(token) = bearer(request) else { return Ok(None) };
    let now = desk.clock.now();
    let Some(verified) = desk.verifier.verify_operator(token, now).await? else { return Ok(None) };
    if verified.scope == SessionScope::Enrol {
        return Err(Problem::new(Code::TwoFactorRequired));
    }
    let origin = Gatekeeper::origin(request.request())?;
    Ok(Some(PlatformContext::operator(verified.operator, origin, now)))
}

/// The bearer token (RFC 6750 §2.1), when there is exactly one; whatever else there is, the tenant's door refuses.
fn bearer(request: &ServiceRequest) -> Option<&str> {
    let mut values = request.headers().get_all(header::AUTHORIZATION);
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
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
