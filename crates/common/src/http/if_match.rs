//! `If-Match` (RFC 9110 §13.1.1).

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use apistos::paths::ParameterIn;
use futures_util::future::{Ready, ready};

use super::{Problem, openapi::{parameter, parameters_only}};
use crate::problem::Code;

/// The version the caller wants to change; `None` for whichever it is now (no header, or `*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i64>);

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(header::IF_MATCH);
        let parsed = match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => value.to_str().ok().and_then(version).ok_or(()),
            (Some(_), Some(_)) => Err(()),
        };
        ready(parsed.map(Self).map_err(|()| Problem::new(Code::InvalidHeader)))
    }
}

fn version(text: &str) -> Option<Option<i64>> {
    if text == "*" {
        return Some(None);
    }
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok().map(Some))?
}

parameters_only!([] IfMatch, vec![parameter::<Option<String>>(
    ParameterIn::Header,
    "If-Match",
    false,
    "The `ETag` that was read; 412 when it is another by now",
)]);
