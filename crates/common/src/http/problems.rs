//! The middleware that makes every error of the service a problem document.

use std::{any::Any, fmt, panic::AssertUnwindSafe};

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::{
        StatusCode, Uri,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::{Next, from_fn},
};
use futures_util::FutureExt as _;

use super::{
    Problem,
    problem_document::{Document, MEDIA_TYPE},
    request_id::{RequestId, X_REQUEST_ID},
};
use crate::{locale::Locale, problem::Code};

/// Makes every answer with a status of 400 or more a problem document, whoever gave it: a [`Problem`], actix itself, or
/// a handler that panicked (which costs nobody but its own request). Goes directly inside of
/// [`request_ids`](super::request_ids), around everything else.
pub fn problems<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(|request, next| answer(false, request, next))
}

/// The same; where `telling`, the `detail` of what is our own fault is what the log says of it: on a developer's machine.
pub fn problems_telling<S, B>(
    telling: bool,
) -> impl Transform<S, ServiceRequest, Response = ServiceResponse<BoxBody>, Error = Error, InitError = ()>
+ use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(move |request, next| answer(telling, request, next))
}

async fn answer<B: MessageBody + 'static>(
    telling: bool,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asker = Asker::of(request.request(), telling);
    match AssertUnwindSafe(async { next.call(request).await }).catch_unwind().await {
        Ok(Ok(response)) if response.status().as_u16() < 400 || is_document(&response) => {
            Ok(response.map_into_boxed_body())
        }
        Ok(Ok(response)) => Ok(asker.tell(response)),
        // From here on the request is gone with whoever failed: there is nothing to attach a `ServiceResponse` to, so
        // the document travels as an error, up to actix.
        Ok(Err(error)) => {
            let mut response = error.error_response();
            let mut document = asker.render(Some(&error), response.status());
            document.describe(response.headers_mut());
            document.headers = response.headers().clone();
            Err(document.into())
        }
        Err(panic) => {
            let problem = Problem::internal(format!("a handler panicked: {}", message(&*panic)));
            let status = problem.status_code();
            Err(asker.render(Some(&problem.into()), status).into())
        }
    }
}

/// The same answer, made a problem document now where it is an error: for who has to keep it.
pub(super) fn rendered(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    if response.status().as_u16() < 400 || is_document(&response) {
        return response;
    }
    let asker = Asker::of(response.request(), false);
    asker.tell(response)
}

/// Whether the answer was made a problem document before: a stored one that is sent again.
fn is_document<B>(response: &ServiceResponse<B>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    response.response().error().is_none() && content_type.is_some_and(|value| value == MEDIA_TYPE)
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// What has to be known of a request to tell its sender of an error. Holds nothing of the request itself, which actix
/// must own alone while it routes.
struct Asker {
    uri: Uri,
    languages: Option<HeaderValue>,
    request_id: Option<RequestId>,
    telling: bool,
}

impl Asker {
    fn of(request: &HttpRequest, telling: bool) -> Self {
        Self {
            telling,
            uri: request.uri().clone(),
            languages: request.headers().get(header::ACCEPT_LANGUAGE).cloned(),
            request_id: request.extensions().get::<RequestId>().cloned(),
        }
    }

    fn locale(&self) -> Locale {
        let languages = self.languages.as_ref().and_then(|languages| languages.to_str().ok());
        languages.map(Locale::negotiate).unwrap_or_default()
    }

    /// The same answer, with a document for its body.
    fn tell<B: MessageBody + 'static>(&self, response: ServiceResponse<B>) -> ServiceResponse<BoxBody> {
        let document = self.render(response.response().error(), response.status());
        response.map_body(|head, _| {
            document.describe(&mut head.headers);
            BoxBody::new(document.body)
        })
    }

    /// The document for an answer of that status, which came of `error` where that is known.
    fn render(&self, error: Option<&Error>, status: StatusCode) -> Rendered {
        let known = error.and_then(Error::as_error::<Problem>).cloned();
        let problem = known.unwrap_or_else(|| Problem::new(code_of(status)));
        let locale = self.locale();
        let mut document = Document::of(&problem, locale);
        if status.is_server_error() {
            let cause = problem.cause().map(str::to_owned).or_else(|| error.map(ToString::to_string));
            tracing::error!(code = problem.code().as_str(), cause, "a request failed");
            if let Some(cause) = cause.filter(|_| self.telling) {
                document.detail = cause;
            }
        }
        document.status = status.as_u16();
        document.instance = Some(self.uri.path().to_owned());
        document.request_id = self.request_id.as_ref().map(ToString::to_string);
        let body = serde_json::to_vec(&document).expect("a problem document is plain data");
        let (code, request_id) = (problem.code(), self.request_id.clone());
        Rendered { code, status, locale, request_id, headers: problem.headers().collect(), body }
    }
}

/// The code for an answer of which only the status is known.
fn code_of(status: StatusCode) -> Code {
    match status.as_u16() {
        401 => Code::TokenMissing,
        403 => Code::PermissionDenied,
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::RequestTimeout,
        409 => Code::Conflict,
        412 => Code::VersionMismatch,
        413 => Code::BodyTooLarge,
        415 => Code::UnsupportedMediaType,
        422 => Code::ValidationFailed,
        429 => Code::RateLimited,
        503 => Code::ServiceUnavailable,
        500.. => Code::InternalError,
        _ => Code::BadRequest,
    }
}

/// A problem document, ready to be sent.
#[derive(Debug)]
struct Rendered {
    code: Code,
    status: StatusCode,
    locale: Locale,
    request_id: Option<RequestId>,
    /// The headers that go with it.
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Rendered {
    /// Makes the headers those of the document; the others stay (`Allow`, `Retry-After`, `WWW-Authenticate`, …).
    fn describe(&self, headers: &mut HeaderMap) {
        for of_another_body in
            [header::CONTENT_ENCODING, header::CONTENT_LENGTH, header::ETAG, header::LAST_MODIFIED]
        {
            headers.remove(of_another_body);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(self.locale.as_str()));
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &self.headers {
            if !headers.contains_key(name) {
                headers.append(name.clone(), value.clone());
            }
        }
    }
}

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Rendered {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::with_body(self.status, BoxBody::new(self.body.clone()));
        self.describe(response.headers_mut());
        if let Some(id) = &self.request_id {
            response.headers_mut().insert(X_REQUEST_ID, id.header());
        }
        response
    }
}

/// The code of an error that came through here.
pub(super) fn code(error: &Error) -> Option<Code> {
    let rendered = error.as_error::<Rendered>().map(|rendered| rendered.code);
    rendered.or_else(|| error.as_error::<Problem>().map(Problem::code))
}
