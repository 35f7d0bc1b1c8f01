//! `If-Match` (RFC 9110 §13.1.1).

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderValue},
};
use apistos::paths::ParameterIn;
use futures_util::future::{LocalBoxFuture, ready};
use schemars::JsonSchema as _;

use super::{
    Problem,
    admission::once_admitted,
    detail::Detail,
    openapi::{parameter, parameters_only},
};
use crate::problem::Code;

/// The version the caller wants to change; `None` for whichever it is now (no header, or `*`).
///
/// Anything but one strong entity tag as it was given out, or `*`, is 400 `invalid_header`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(header::IF_MATCH);
        let version = match (values.next(), values.next()) {
            (None, _) => Some(Self(None)),
            (Some(value), None) => parse(value),
            (Some(_), Some(_)) => None,
        };
        let malformed = || Problem::new(Code::InvalidHeader).detail(Detail::BadHeader("If-Match"));
        once_admitted(request, ready(version.ok_or_else(malformed)))
    }
}

fn parse(value: &HeaderValue) -> Option<IfMatch> {
    let text = value.to_str().ok()?;
    if text == "*" {
        return Some(IfMatch(None));
    }
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    let version = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some(IfMatch(Some(version)))
}

parameters_only!([] IfMatch, vec![parameter(
    ParameterIn::Header,
    "If-Match",
    "The `ETag` that was read; 412 `version_mismatch` when it is another by now",
    String::json_schema,
)]);
