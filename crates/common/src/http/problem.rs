//! Errors as they leave the service: problem documents (RFC 9457).

use std::{borrow::Cow, collections::BTreeMap, fmt};

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse, Transform},
    http::StatusCode,
    middleware::{Next, from_fn},
};
use apistos::{ApiErrorComponent, Schema, paths::{MediaType, Response}, reference_or::ReferenceOr};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::openapi::{content, describe};
use crate::{
    locale::Locale,
    problem::{Code, Failure, FieldError},
};

/// An error on its way to the caller. Made from any [`Failure`] by `?`.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: Code,
    fields: Vec<FieldError>,
    retry_after: Option<u64>,
    cause: Option<Cow<'static, str>>,
}

impl Problem {
    /// The problem with that code.
    pub fn new(code: Code) -> Self {
        Self(Box::new(Parts { code, fields: Vec::new(), retry_after: None, cause: None }))
    }

    /// A defect of ours: 500, with `cause` in the log only.
    pub fn internal(cause: impl Into<Cow<'static, str>>) -> Self {
        let mut this = Self::new(Code::InternalError);
        this.0.cause = Some(cause.into());
        this
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }
}

impl<E: Failure> From<E> for Problem {
    fn from(failure: E) -> Self {
        Self(Box::new(Parts {
            code: failure.code(),
            fields: failure.fields().to_vec(),
            retry_after: failure.retry_after(),
            cause: Some(failure.to_string().into()),
        }))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let document = Document {
            r#type: format!("https://ouvira.dev/problems/{}", self.0.code.as_str()),
            title: self.0.code.text(Locale::En).to_owned(),
            status: self.0.code.status(),
            code: self.0.code.as_str().to_owned(),
        };
        HttpResponse::build(self.status_code()).content_type("application/problem+json").json(document)
    }
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Problem")]
struct Document {
    r#type: String,
    title: String,
    status: u16,
    code: String,
}

impl ApiErrorComponent for Problem {
    fn schemas_by_status_code() -> BTreeMap<String, (String, ReferenceOr<Schema>)> {
        BTreeMap::new()
    }

    fn error_responses() -> Vec<(String, Response)> {
        [400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 500, 503]
            .into_iter()
            .map(|status: u16| {
                let content: BTreeMap<String, MediaType> =
                    BTreeMap::from([("application/problem+json".to_owned(), content::<Document>())]);
                (status.to_string(), Response { content, ..Response::default() })
            })
            .collect()
    }
}

/// The schema of problem documents, for the answers that may be one.
pub(super) fn definitions() -> Vec<(String, ReferenceOr<Schema>)> {
    describe::<Document>().definitions
}

/// Makes every answer with a status of 400 or more a problem document.
pub fn problems<S, B>()
-> impl Transform<S, ServiceRequest, Response = ServiceResponse<B>, Error = Error, InitError = ()>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    from_fn(async |request: ServiceRequest, next: Next<B>| next.call(request).await)
}
