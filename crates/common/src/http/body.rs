//! JSON bodies.

use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Bytes};
use apistos::{ApiComponent, Schema, paths::RequestBody, reference_or::ReferenceOr};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    Problem,
    openapi::{content, describe},
};
use crate::problem::Code;

/// A type that is sent as a JSON body.
pub trait WireBody {
    /// Members of the object that callers read but do not set: accepted and ignored, so that what was read can be
    /// edited and sent back.
    const READ_ONLY: &'static [&'static str] = &[];
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T> Body<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Reads and parses the body.
pub(super) fn read<T: DeserializeOwned + WireBody + 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
) -> LocalBoxFuture<'static, Result<T, Problem>> {
    let bytes = Bytes::from_request(request, payload);
    async move {
        let bytes = bytes.await.map_err(|_| Problem::new(Code::BadRequest))?;
        serde_json::from_slice(&bytes).map_err(|_| Problem::new(Code::MalformedJson))
    }
    .boxed_local()
}

impl<T: DeserializeOwned + WireBody + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = read(request, payload);
        async move { read.await.map(Self) }.boxed_local()
    }
}

impl<T: JsonSchema> ApiComponent for Body<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        describe::<T>().definitions
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        let content = [(Self::content_type(), content::<T>())].into();
        Some(RequestBody { content, required: Some(true), ..RequestBody::default() })
    }
}
