//! The refresh token, from the body or from its cookie.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use apistos::{ApiComponent, Schema, paths::RequestBody, reference_or::ReferenceOr};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use ouvira_common::{
    http::{
        Body, Problem, WireBody,
        cookies::{REFRESH, SessionKind},
    },
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The refresh token of the last pair; a browser with a session in cookies sends no body.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(in super::super) struct RefreshBody {
    #[schemars(with = "String")]
    refresh_token: Secret,
}

impl WireBody for RefreshBody {}

/// A refresh token and where it came from.
#[derive(Debug)]
pub(in super::super) struct ShownRefreshToken {
    pub(in super::super) token: Secret,
    pub(in super::super) kind: SessionKind,
}

impl FromRequest for ShownRefreshToken {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let has_body = request.headers().contains_key(header::CONTENT_TYPE);
        if let Some(cookie) = request.cookie(REFRESH).filter(|_| !has_body) {
            let shown = Self { token: Secret::new(cookie.value()), kind: SessionKind::Cookie };
            return async move { Ok(shown) }.boxed_local();
        }
        Body::<RefreshBody>::from_request(request, payload)
            .map(|body| Ok(Self { token: body?.into_inner().refresh_token, kind: SessionKind::Bearer }))
            .boxed_local()
    }
}

impl ApiComponent for ShownRefreshToken {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        <Body<RefreshBody> as ApiComponent>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        let body = <Body<RefreshBody> as ApiComponent>::request_body()?;
        Some(RequestBody { required: Some(false), ..body })
    }
}
