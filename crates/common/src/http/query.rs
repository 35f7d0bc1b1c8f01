//! The query string.

use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Query};
use apistos::{
    ApiComponent, Schema,
    paths::{Parameter, ParameterDefinition, ParameterIn},
    reference_or::ReferenceOr,
};
use futures_util::future::{Ready, ready};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    Problem,
    openapi::describe_with,
};
use crate::problem::Code;

/// The filters of a route, from the query string.
#[derive(Debug, Clone)]
pub struct Parameters<T>(pub T);

impl<T> Parameters<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Parameters<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = Query::<T>::from_query(request.query_string());
        ready(parsed.map(|query| Self(query.into_inner())).map_err(|_| Problem::new(Code::InvalidParameter)))
    }
}

impl<T: JsonSchema> ApiComponent for Parameters<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        describe_with(T::json_schema).definitions
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn parameters() -> Vec<Parameter> {
        let ReferenceOr::Object(schema) = describe_with(T::json_schema).schema else { return Vec::new() };
        let object = schema.into_object().object.unwrap_or_default();
        let parameter = |(name, schema): (String, Schema)| Parameter {
            _in: ParameterIn::Query,
            required: Some(object.required.contains(&name)),
            definition: Some(ParameterDefinition::Schema(Box::new(ReferenceOr::Object(schema)))),
            name,
            ..Parameter::default()
        };
        object.properties.clone().into_iter().map(parameter).collect()
    }
}
