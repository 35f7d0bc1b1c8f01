//! The problem document (RFC 9457): how an error is told, and how the API's description says so.

use std::collections::BTreeMap;

use apistos::{
    ApiErrorComponent, Schema,
    paths::{Examples, Header, MediaType, ParameterDefinition, Response},
    reference_or::ReferenceOr,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Problem,
    openapi::{content, describe},
};
use crate::{
    locale::Locale,
    problem::{Code, FieldCode, FieldError},
};

/// The media type of problem documents.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// An error (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Document {
    /// `https://ouvira.dev/problems/<code>`.
    r#type: String,
    /// What happened, in the caller's language.
    title: &'static str,
    /// The status of the answer.
    pub(super) status: u16,
    /// The stable name of what happened; never translated. More may come.
    code: &'static str,
    /// What exactly was wrong, in the caller's language.
    pub(super) detail: String,
    /// The path that was asked for.
    #[schemars(required)]
    pub(super) instance: Option<String>,
    /// `X-Request-Id` of the answer: name it when you ask for help.
    #[schemars(required)]
    pub(super) request_id: Option<String>,
    /// The members of the body that were not accepted.
    errors: Vec<Field>,
}

/// A member of the body that was not accepted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "FieldProblem")]
struct Field {
    /// JSON Pointer (RFC 6901) to the member.
    pointer: String,
    /// The stable name of what is wrong with it; never translated. More may come.
    code: &'static str,
    /// The same in the caller's language.
    message: String,
    /// The values in the message, such as `max`.
    params: BTreeMap<&'static str, i64>,
}

impl Document {
    /// The document of `problem` in `locale`, for no request in particular.
    pub(super) fn of(problem: &Problem, locale: Locale) -> Self {
        let code = problem.code();
        let errors: Vec<_> = problem.fields().iter().map(|error| Field::of(error, locale)).collect();
        let first = errors.first().map(|error| format!("{}: {}", error.pointer, error.message));
        let title = code.text(locale);
        Self {
            r#type: format!("https://ouvira.dev/problems/{}", code.as_str()),
            title,
            status: code.status(),
            code: code.as_str(),
            detail: problem.detail_text(locale).or(first).unwrap_or_else(|| title.to_owned()),
            instance: None,
            request_id: None,
            errors,
        }
    }
}

impl Field {
    fn of(error: &FieldError, locale: Locale) -> Self {
        let mut message = error.code.text(locale).to_owned();
        for (name, value) in &error.params {
            message = message.replace(&format!("{{{name}}}"), &value.to_string());
        }
        let params = error.params.iter().copied().collect();
        Self { pointer: error.pointer.clone(), code: error.code.as_str(), message, params }
    }
}

/// What every operation may answer, each with an example.
const EXAMPLES: [(Code, &str); 12] = [
    (Code::MalformedJson, "The request is malformed"),
    (Code::TokenInvalid, "Not signed in, or not any more"),
    (Code::PermissionDenied, "Not allowed"),
    (Code::NotFound, "Not there, or not for the caller to see"),
    (Code::Conflict, "In conflict with the present state"),
    (Code::VersionMismatch, "Changed in the meantime"),
    (Code::BodyTooLarge, "The body is too large"),
    (Code::UnsupportedMediaType, "The body is not JSON"),
    (Code::ValidationFailed, "The body's shape, types or values are not valid"),
    (Code::RateLimited, "Too many requests; try again after `Retry-After`"),
    (Code::InternalError, "A defect of the service"),
    (Code::ServiceUnavailable, "Not available at the moment; try again after `Retry-After`"),
];

impl ApiErrorComponent for Problem {
    fn schemas_by_status_code() -> BTreeMap<String, (String, ReferenceOr<Schema>)> {
        // The answers bring the schema: apistos takes it from here only for operations with a list of error codes.
        BTreeMap::new()
    }

    fn error_responses() -> Vec<(String, Response)> {
        EXAMPLES
            .iter()
            .map(|(code, description)| (code.status().to_string(), response(*code, description)))
            .collect()
    }
}

fn response(code: Code, description: &str) -> Response {
    let media_type = MediaType { example: Some(Examples::Example(example(code))), ..content::<Document>() };
    let headers = match code.status() {
        401 => vec![header("WWW-Authenticate", "`Bearer` (RFC 6750)")],
        429 | 503 => vec![header("Retry-After", "Seconds after which to try again")],
        _ => Vec::new(),
    };
    Response {
        description: description.to_owned(),
        headers: headers.into_iter().collect(),
        content: BTreeMap::from([(MEDIA_TYPE.to_owned(), media_type)]),
        ..Response::default()
    }
}

/// A response header that is a text.
pub(super) fn header(name: &str, description: &str) -> (String, ReferenceOr<Header>) {
    let schema = ReferenceOr::Object(describe::<String>().schema);
    let definition = Some(ParameterDefinition::Schema(Box::new(schema)));
    let header = Header { description: Some(description.to_owned()), definition, ..Header::default() };
    (name.to_owned(), ReferenceOr::Object(header))
}

fn example(code: Code) -> serde_json::Value {
    let problem = match code {
        Code::ValidationFailed => Problem::from(crate::problem::FieldErrors::from(
            FieldError::new("/name", FieldCode::TooLong).with("max", 200),
        )),
        code => Problem::new(code),
    };
    let mut document = Document::of(&problem, Locale::En);
    document.instance = Some("/api/v1/company".to_owned());
    document.request_id = Some("01a3c5d2-8f10-7c3e-9b1f-5d2e8a4c6b70".to_owned());
    serde_json::to_value(document).unwrap_or_default()
}

/// The schemas of problem documents, for the answers that may be one.
pub(super) fn definitions() -> Vec<(String, ReferenceOr<Schema>)> {
    describe::<Document>().definitions
}
