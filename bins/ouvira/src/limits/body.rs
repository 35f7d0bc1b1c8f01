//! What the body of a request says about who is counted.
//!
//! The limit of logins goes by the identifier, which is in the body; so a little of the body is read ahead and put back.
//! It is done here, and not where logins are carried out, because the limit has to stand in front of everything that a
//! login costs: the captcha's network, the database, the hash; and because no domain then knows that limits exist. What
//! cannot be read (too long, no JSON, no text) counts together, as an identifier of no characters: trying that is refused
//! by the handler, or comes to more than 16 KiB, which no sign-in page sends.

use std::time::Duration;

use actix_web::{
    HttpMessage as _,
    dev::{Payload, ServiceRequest},
    http::header::CONTENT_LENGTH,
    web::{Bytes, BytesMut},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{StreamExt as _, stream};
use ouvira_common::{
    http::Problem,
    problem::Code,
    text::{Address, fold},
};
use serde::Deserialize;
use tokio::time::timeout;

/// Most bytes that are read ahead.
const LIMIT: usize = 16 * 1024;
/// How long they may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// No identifier is longer, in characters.
const IDENTIFIER: usize = 320;
/// Characters of a refresh token.
const REFRESH_TOKEN: usize = 75;

#[derive(Deserialize)]
struct Login {
    identifier: String,
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: String,
}

/// Reads the body ahead and puts it back; empty when it is longer than [`LIMIT`].
pub(super) async fn read_ahead(request: &mut ServiceRequest) -> Result<Bytes, Problem> {
    let length =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > LIMIT) {
        return Ok(Bytes::new());
    }
    let (read, payload) = timeout(PATIENCE, begin(request.take_payload()))
        .await
        .map_err(|_| Problem::new(Code::RequestTimeout))?;
    request.set_payload(payload);
    Ok(read)
}

/// What the body begins with, and the whole of it.
async fn begin(mut payload: Payload) -> (Bytes, Payload) {
    let mut read = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        match chunk {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(error) => {
                let whole = stream::iter([Ok(read.freeze()), Err(error)]);
                return (Bytes::new(), Payload::Stream { payload: Box::pin(whole) });
            }
        }
        if read.len() > LIMIT {
            let whole = stream::iter([Ok(read.freeze())]).chain(payload);
            return (Bytes::new(), Payload::Stream { payload: Box::pin(whole) });
        }
    }
    let read = read.freeze();
    (read.clone(), Payload::from(read))
}

/// Whom a login is about, in one spelling.
pub(super) fn identifier(body: &[u8]) -> String {
    let Ok(Login { identifier }) = serde_json::from_slice(body) else { return String::new() };
    match Address::parse("/identifier", &identifier) {
        Ok(address) => address.folded(),
        Err(_) => fold(&identifier.chars().take(IDENTIFIER).collect::<String>()),
    }
}

/// The session that a refresh token says it is of: its first 16 bytes. Nobody has checked that.
pub(super) fn session(body: &[u8]) -> Option<[u8; 16]> {
    let Refresh { refresh_token } = serde_json::from_slice(body).ok()?;
    let token = (refresh_token.len() == REFRESH_TOKEN).then_some(refresh_token)?;
    URL_SAFE_NO_PAD.decode(token).ok()?.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use actix_web::{error::PayloadError, test::TestRequest};

    use super::*;

    async fn all(mut payload: Payload) -> Result<Vec<u8>, PayloadError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = payload.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        Ok(bytes)
    }

    #[actix_web::test]
    async fn a_body_read_ahead_is_still_there() {
        for length in [0, 1, LIMIT, LIMIT + 1, 4 * LIMIT] {
            let body = vec![b'x'; length];
            let mut request = TestRequest::post().set_payload(body.clone()).to_srv_request();
            request.headers_mut().remove(CONTENT_LENGTH);
            let read = read_ahead(&mut request).await.unwrap();
            assert_eq!(read.len(), if length > LIMIT { 0 } else { length });
            assert_eq!(all(request.take_payload()).await.unwrap(), body);
        }
        let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(PayloadError::Incomplete(None))]);
        let (read, whole) = begin(Payload::Stream { payload: Box::pin(broken) }).await;
        assert!(read.is_empty() && all(whole).await.is_err());
    }

    #[test]
    fn an_identifier_has_one_spelling_and_a_token_one_session() {
        let of =
            |text: &str| identifier(format!(r#"{{"identifier": "{text}", "password": "x"}}"#).as_bytes());
        assert_eq!(of("Ada@Example.com"), of("ada@example.com"));
        assert_eq!(of("+33 6 12 34 56 78"), of("+33612345678"));
        assert_eq!(of("NOBODY"), of("nobody"));
        assert_eq!(identifier(b"{"), "");
        let token = URL_SAFE_NO_PAD.encode([7; 56]);
        assert_eq!(session(format!(r#"{{"refresh_token": "{token}"}}"#).as_bytes()), Some([7; 16]));
        assert_eq!(session(br#"{"refresh_token": "short"}"#), None);
    }
}
