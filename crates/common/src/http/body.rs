//! JSON bodies.

use std::{ops::Deref, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header,
    mime::{self, Mime},
};
use apistos::{ApiComponent, Schema, paths::RequestBody, reference_or::ReferenceOr};
use futures_util::{StreamExt as _, future::LocalBoxFuture};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use super::{
    Problem,
    admission::once_admitted,
    decode::decode,
    detail::Detail,
    idempotency::note_body,
    json,
    openapi::{content, describe},
};
use crate::problem::Code;

/// Most bytes of a body: 1 MiB.
const LIMIT: usize = 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A type that is sent as a JSON body.
pub trait WireBody {
    /// Members of the object that callers read but do not set: accepted and ignored, so that what was read can be
    /// edited and sent back. A member that the type itself has does not belong here.
    const READ_ONLY: &'static [&'static str] = &[];
}

/// A JSON body.
///
/// Refused are: another media type than JSON, or any content coding (415); more than 1 MiB (413), or what takes longer
/// than half a minute to arrive (408); what is not strict
/// JSON, nests deeper than 64 or names a member twice (400 `malformed_json`); members nobody knows (422
/// `unknown_field`), missing ones, wrong types and values, NUL in a text (422 `validation_failed`), each with its
/// pointer. Types must not use `#[serde(flatten)]`, under which unknown members go unnoticed.
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

impl<T: DeserializeOwned + WireBody + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = receive(request, payload, is_json, "application/json");
        once_admitted(request, async { read.await.map(Self) })
    }
}

/// Any JSON but the patch formats, which mean something else than what they contain.
fn is_json(media_type: &Mime) -> bool {
    let (subtype, suffix) = (media_type.subtype().as_str(), media_type.suffix());
    let json = subtype == mime::JSON || suffix.is_some_and(|suffix| suffix == mime::JSON);
    media_type.type_() == mime::APPLICATION && json && !subtype.ends_with("-patch")
}

/// Reads, parses and decodes the body of a request whose media type is one of those `accepted`.
pub(super) fn receive<T: DeserializeOwned + WireBody>(
    request: &HttpRequest,
    payload: &mut Payload,
    accepted: fn(&Mime) -> bool,
    names: &'static str,
) -> impl Future<Output = Result<T, Problem>> + use<T> {
    let acceptable = check_headers(request, accepted, names);
    let payload = payload.take();
    let request = request.clone();
    async move {
        acceptable?;
        let bytes = read(payload, PATIENCE).await?;
        note_body(&request, &bytes);
        let value = json::parse(&bytes)?;
        Ok(decode(without_read_only(value, T::READ_ONLY))?)
    }
}

fn check_headers(
    request: &HttpRequest,
    accepted: fn(&Mime) -> bool,
    names: &'static str,
) -> Result<(), Problem> {
    let unsupported = |detail| Problem::new(Code::UnsupportedMediaType).detail(detail);
    let utf8 =
        |media_type: &Mime| media_type.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
    match request.mime_type() {
        Ok(Some(media_type)) if accepted(&media_type) && utf8(&media_type) => {}
        _ => return Err(unsupported(Detail::MediaTypes(names))),
    }
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unsupported(Detail::Encoded));
    }
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > LIMIT as u64) { Err(too_large()) } else { Ok(()) }
}

async fn read(payload: Payload, patience: Duration) -> Result<Vec<u8>, Problem> {
    timeout(patience, collect(payload)).await.map_err(|_| Problem::new(Code::RequestTimeout))?
}

async fn collect(mut payload: Payload) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => too_large(),
            _ => Problem::new(Code::BadRequest),
        })?;
        if bytes.len() + chunk.len() > LIMIT {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    Problem::new(Code::BodyTooLarge).detail(Detail::Limit(LIMIT))
}

fn without_read_only(mut value: Value, read_only: &[&str]) -> Value {
    if let Value::Object(members) = &mut value {
        for name in read_only {
            members.remove(*name);
        }
    }
    value
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

#[cfg(test)]
mod tests {
    use actix_web::{error::PayloadError, web::Bytes};
    use futures_util::stream;

    use super::*;

    async fn refused(chunks: Vec<Result<Bytes, PayloadError>>) -> Code {
        let rest = stream::iter(chunks).chain(stream::pending());
        read(Payload::Stream { payload: rest.boxed_local() }, Duration::from_millis(20))
            .await
            .unwrap_err()
            .code()
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_is_not_waited_for() {
        assert_eq!(refused(vec![Ok(Bytes::from_static(b"{"))]).await, Code::RequestTimeout);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_malformed_and_an_endless_one_too_large() {
        assert_eq!(refused(vec![Err(PayloadError::Incomplete(None))]).await, Code::BadRequest);
        let kilobyte = || Ok(Bytes::from_static(&[b' '; 1024]));
        assert_eq!(refused((0..1025).map(|_| kilobyte()).collect()).await, Code::BodyTooLarge);
    }
}
