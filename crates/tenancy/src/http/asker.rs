//! Who asks on routes that operators share with tenants' people.

use std::{collections::BTreeMap, rc::Rc};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest,
    body::{EitherBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use apistos::{ApiComponent, Schema, paths::Parameter, reference_or::ReferenceOr, security::SecurityScheme};
use async_trait::async_trait;
use futures_util::{
    FutureExt as _,
    future::{LocalBoxFuture, ready},
};
use ouvira_common::{
    http::{AnswerStore, OperatorDesk, Problem, SignedIn, claim, idempotency_key, keep_answers_in},
    id::TenantId,
    idempotency::{Answer, Claim},
    problem::Code,
};

use crate::{PlatformContext, Tenants};

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

/// As [`Asker`], on the route that makes tenants: an operator's `Idempotency-Key` is honoured.
pub(super) struct Founder(pub(super) Asker);

/// Keeps what an operator was answered in the catalog.
struct InCatalog {
    tenants: Data<Tenants>,
    ctx: PlatformContext,
}

#[async_trait(?Send)]
impl AnswerStore for InCatalog {
    async fn keep(&self, claim: &Claim, answer: &Answer) -> Result<(), Problem> {
        Ok(self.tenants.keep_answer(&self.ctx, claim, answer).await?)
    }
}

impl FromRequest for Founder {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let claim = claim(request);
        let asker = Asker::from_request(request, payload);
        let request = request.clone();
        async move {
            let asker = asker.await?;
            let tenants = request.app_data::<Data<Tenants>>().cloned();
            let (Asker::Operator(ctx), Some(claim), Some(tenants)) = (&asker, claim?, tenants) else {
                return Ok(Self(asker));
            };
            let ctx = ctx.clone().with_claim(claim);
            keep_answers_in(&request, Rc::new(InCatalog { tenants, ctx: ctx.clone() }));
            Ok(Self(Asker::Operator(ctx)))
        }
        .boxed_local()
    }
}

impl ApiComponent for Founder {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Asker::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn securities() -> BTreeMap<String, SecurityScheme> {
        Asker::securities()
    }

    fn security_requirement_name() -> Option<String> {
        Asker::security_requirement_name()
    }

    fn parameters() -> Vec<Parameter> {
        [Asker::parameters(), vec![idempotency_key()]].concat()
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
