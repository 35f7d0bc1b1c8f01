//! What a handler answers when all went well.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{ETAG as ETAG_NAME, LOCATION as LOCATION_NAME},
    },
};
use apistos::{
    ApiComponent, Schema,
    paths::{Response, Responses},
    reference_or::ReferenceOr,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    openapi::{content, describe},
    problem_document::{self, header},
};

/// 200 with a JSON body.
#[derive(Debug)]
pub struct Json<T> {
    body: T,
    version: Option<i64>,
}

/// 201 with a JSON body and the `Location` of what was created.
#[derive(Debug)]
pub struct Created<T> {
    location: String,
    body: T,
    version: Option<i64>,
}

/// 202 with a JSON body: work goes on.
#[derive(Debug)]
pub struct Accepted<T> {
    body: T,
    version: Option<i64>,
}

/// 204: done, and nothing to say.
#[derive(Debug)]
pub struct NoContent;

/// 200 with `body`.
#[expect(non_snake_case, reason = "reads like the constructor that it is")]
pub fn Json<T>(body: T) -> Json<T> {
    Json { body, version: None }
}

impl<T> Created<T> {
    /// 201 with `body`, which is found at the path `location` from now on.
    pub fn at(location: impl Into<String>, body: T) -> Self {
        Self { location: location.into(), body, version: None }
    }
}

/// 202 with `body`.
#[expect(non_snake_case, reason = "reads like the constructor that it is")]
pub fn Accepted<T>(body: T) -> Accepted<T> {
    Accepted { body, version: None }
}

macro_rules! version {
    ($($type:ident),*) => {
        $(impl<T> $type<T> {
            /// The same with an `ETag` (RFC 9110 §8.8.3): the version of the resource as it now is.
            #[must_use]
            pub fn version(mut self, version: i64) -> Self {
                self.version = Some(version);
                self
            }
        })*
    };
}

version!(Json, Created, Accepted);

fn build(status: StatusCode, version: Option<i64>) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    if let Some(version) = version {
        response.insert_header((ETAG_NAME, format!("\"{version}\"")));
    }
    response
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        build(StatusCode::OK, self.version).json(self.body)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        build(StatusCode::CREATED, self.version).insert_header((LOCATION_NAME, self.location)).json(self.body)
    }
}

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        build(StatusCode::ACCEPTED, self.version).json(self.body)
    }
}

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

/// An answer of that status, with headers.
fn documented(status: u16, mut response: Response, headers: &[(&str, &str)]) -> Responses {
    response.headers.extend(headers.iter().map(|(name, description)| header(name, description)));
    let responses = BTreeMap::from([(status.to_string(), ReferenceOr::Object(response))]);
    Responses { responses, ..Responses::default() }
}

const LOCATION: (&str, &str) = ("Location", "The path of what was created");

macro_rules! answer {
    ($type:ident, $status:literal, $description:literal, $headers:expr) => {
        impl<T: JsonSchema> ApiComponent for $type<T> {
            fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
                [describe::<T>().definitions, problem_document::definitions()].concat()
            }

            fn schema() -> Option<(String, ReferenceOr<Schema>)> {
                None
            }

            fn responses(content_type: Option<String>) -> Option<Responses> {
                let content_type = content_type.unwrap_or_else(Self::content_type);
                let content = BTreeMap::from([(content_type, content::<T>())]);
                let response =
                    Response { description: $description.to_owned(), content, ..Response::default() };
                Some(documented($status, response, $headers))
            }
        }
    };
}

answer!(Json, 200, "Done", &[]);
answer!(Created, 201, "Created", &[LOCATION]);
answer!(Accepted, 202, "Accepted; work goes on", &[]);

impl ApiComponent for NoContent {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        problem_document::definitions()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(_: Option<String>) -> Option<Responses> {
        Some(documented(204, Response { description: "Done".to_owned(), ..Response::default() }, &[]))
    }
}
