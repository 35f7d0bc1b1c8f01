//! `Idempotency-Key` over HTTP: which routes honour it, and how an answer is kept and given again.

use std::{ops::Deref, rc::Rc, sync::Arc};

use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest, HttpResponse,
    body::{self, BoxBody, MessageBody},
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        Method, StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::{Next, from_fn},
    web::Data,
};
use apistos::{
    ApiComponent, Schema,
    paths::{Parameter, ParameterIn},
    reference_or::ReferenceOr,
    security::SecurityScheme,
};
use async_trait::async_trait;
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use schemars::JsonSchema as _;

use super::{Problem, SignedIn, detail::Detail, openapi::parameter, problems};
use crate::{
    context::RequestContext,
    db::{Db, DbError},
    entropy::Entropy,
    id::UserId,
    idempotency::{Answer, Claim, Key},
    problem::Code,
};

pub(super) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// As [`SignedIn`], on a route that creates something: an `Idempotency-Key` is honoured, where [`answers_once`] runs.
#[derive(Debug, Clone)]
pub struct Creator(pub RequestContext);

impl Creator {
    /// As [`SignedIn::user`].
    pub fn user(&self) -> Result<UserId, Problem> {
        SignedIn(self.0.clone()).user()
    }
}

impl Deref for Creator {
    type Target = RequestContext;

    fn deref(&self) -> &RequestContext {
        &self.0
    }
}

impl FromRequest for Creator {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let claim = claim(request);
        let caller = SignedIn::from_request(request, payload);
        let request = request.clone();
        async move {
            let SignedIn(context) = caller.await?;
            let Some(claim) = claim? else { return Ok(Self(context)) };
            let context = context.with_claim(claim);
            request.extensions_mut().insert(Under::Tenant(context.clone()));
            Ok(Self(context))
        }
        .boxed_local()
    }
}

/// Kept in the extensions of a request whose answer can be kept.
struct Attended;

/// Where answers of the request's caller are kept, beside the tenant's tables.
#[async_trait(?Send)]
pub trait AnswerStore {
    /// Keeps `answer`. Errors: [`DbError::Key`]; when there was one already, `claim` has it.
    async fn keep(&self, claim: &Claim, answer: &Answer) -> Result<(), Problem>;
}

/// Whose request it is; kept in its extensions.
#[derive(Clone)]
enum Under {
    Tenant(RequestContext),
    Other(Rc<dyn AnswerStore>),
}

/// Has the answer to `request`, if it has a claim, kept in `store`: for callers who are nobody in a tenant.
pub fn keep_answers_in(request: &HttpRequest, store: Rc<dyn AnswerStore>) {
    request.extensions_mut().insert(Under::Other(store));
}

/// The claim of `request`, which whoever reads its body looks for too. `None` without the header.
pub fn claim(request: &HttpRequest) -> Result<Option<Claim>, Problem> {
    if request.extensions().get::<Attended>().is_none() {
        return Ok(None);
    }
    let mut values = request.headers().get_all(&IDEMPOTENCY_KEY);
    let key = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().and_then(Key::parse),
        _ => None,
    };
    let malformed = || Problem::new(Code::InvalidHeader).detail(Detail::BadHeader("Idempotency-Key"));
    let target = [request.method().as_str(), request.path(), request.query_string()];
    let claim = Claim::new(key.ok_or_else(malformed)?, &target);
    request.extensions_mut().insert(claim.clone());
    Ok(Some(claim))
}

/// Notes the body of `request`, where its answer can be kept.
pub(super) fn note_body(request: &HttpRequest, bytes: &[u8]) {
    if let Some(claim) = request.extensions().get::<Claim>() {
        claim.note_body(bytes);
    }
}

impl ApiComponent for Creator {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        SignedIn::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn securities() -> std::collections::BTreeMap<String, SecurityScheme> {
        SignedIn::securities()
    }

    fn security_requirement_name() -> Option<String> {
        SignedIn::security_requirement_name()
    }

    fn parameters() -> Vec<Parameter> {
        [SignedIn::parameters(), vec![idempotency_key()]].concat()
    }
}

/// The header, as the document has it.
pub fn idempotency_key() -> Parameter {
    parameter(
        ParameterIn::Header,
        "Idempotency-Key",
        "A name of the caller's for this request, 1 to 255 visible characters. Sent again within 24 hours, the request \
         has no second effect, and gets the first answer with `Idempotency-Replayed: true`",
        String::json_schema,
    )
}

/// Keeps the answers of requests with an `Idempotency-Key` on the routes of a [`Creator`]: below 500, in the transaction of
/// what was done, or, after a refusal, in one of its own. Not kept is what was answered before the request was known:
/// to a caller who is not let in, of a body that was not read. Goes inside of everything that completes answers.
///
/// The app data must have a `web::Data<AnswerKeeper>`; without, the header is not honoured.
pub fn answers_once<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(attend::<B>)
}

async fn attend<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let named = request.method() == Method::POST && request.headers().contains_key(&IDEMPOTENCY_KEY);
    let keeper = request.app_data::<Data<AnswerKeeper>>().filter(|_| named).cloned();
    let Some(keeper) = keeper else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    request.extensions_mut().insert(Attended);
    let response = next.call(request).await?.map_into_boxed_body();
    let claim = response.request().extensions().get::<Claim>().cloned();
    match claim {
        Some(claim) => keeper.conclude(&claim, response).await,
        None => Ok(response),
    }
}

/// Keeps answers on the connections of one thread.
pub struct AnswerKeeper {
    /// The way to the database.
    pub db: Db,
    /// What is kept is sealed.
    pub entropy: Arc<dyn Entropy>,
}

impl AnswerKeeper {
    async fn conclude(
        &self,
        claim: &Claim,
        response: ServiceResponse<BoxBody>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        if let Some(answer) = claim.found() {
            return Ok(replayed(response, &answer));
        }
        if response.status().as_u16() >= 400 {
            claim.give_up().await;
        }
        if !can_be_kept(claim, &response) {
            return Ok(response);
        }
        let under = response.request().extensions().get::<Under>().cloned();
        let Some(under) = under else { return Ok(response) };
        let response = problems::rendered(response);
        let (request, response) = response.into_parts();
        let answer = read(response).await?;
        let response = ServiceResponse::new(request, respond(&answer));
        let kept = match &under {
            Under::Tenant(context) => self.keep(context, claim, &answer).await,
            Under::Other(store) => store.keep(claim, &answer).await,
        };
        match kept {
            Ok(()) => Ok(response),
            Err(_) if claim.found().is_some() => {
                let answer = claim.found().expect("it was just there");
                Ok(replayed(response, &answer))
            }
            // Whoever is not let in has their refusal already.
            Err(problem) if matches!(problem.code().status(), 401 | 403) => Ok(response),
            Err(problem) => Ok(response.error_response(problem)),
        }
    }

    async fn keep(&self, context: &RequestContext, claim: &Claim, answer: &Answer) -> Result<(), Problem> {
        if !claim.is_waiting() {
            self.db.write(context, async |_| Ok::<_, DbError>(())).await?;
        }
        Ok(claim.conclude(answer, self.entropy.as_ref()).await?)
    }
}

/// Whether it is an answer to the request as such, which it would get again.
fn can_be_kept(claim: &Claim, response: &ServiceResponse<BoxBody>) -> bool {
    let problem = response.response().error().and_then(Error::as_error::<Problem>);
    let about_the_key = problem.is_some_and(|problem| {
        matches!(problem.code(), Code::IdempotencyInProgress | Code::IdempotencyKeyReused)
    });
    let passing = matches!(response.status().as_u16(), 401 | 408 | 429 | 500..);
    claim.is_complete() && !about_the_key && !passing
}

async fn read(response: HttpResponse) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let body = body::to_bytes(response.into_body()).await?.to_vec();
    Ok(Answer { status, headers, body })
}

fn respond(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::with_body(status, BoxBody::new(answer.body.clone()));
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn replayed(response: ServiceResponse<BoxBody>, answer: &Answer) -> ServiceResponse<BoxBody> {
    let mut response = response.into_response(respond(answer));
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}
