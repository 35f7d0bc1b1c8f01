use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use apistos::api_operation;
use ouvira_common::http::Problem;

use crate::Auth;

/// A verifier asks again before a new key signs anything, and the key that signs was here before.
const CACHING: HeaderValue = HeaderValue::from_static("public, max-age=300");

#[api_operation(
    operation_id = "read_jwks",
    summary = "The public keys that access tokens are signed with",
    description = "A JSON Web Key Set (RFC 7517). No tenant is needed.",
    tag = "auth"
)]
/// The public keys that access tokens are signed with.
pub async fn jwks(auth: Data<Auth>) -> Result<HttpResponse, Problem> {
    let keys = auth.public_keys().await?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, CACHING)).json(keys))
}
