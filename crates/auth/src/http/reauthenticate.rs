use actix_web::{HttpRequest, web::Data};
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{
        Body, Json, Problem, SignedIn, WireBody,
        cookies::{SessionKind, TokenAnswer, TokenAnswerView, WithCookies},
    },
    problem::{FieldCode, FieldError, FieldErrors},
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Auth, Reauthentication, SecondFactorProof};

/// Exactly one of the two.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ReauthenticateBody {
    #[schemars(with = "Option<String>")]
    password: Option<Secret>,
    /// A time-based code, or a backup code.
    #[schemars(with = "Option<String>")]
    code: Option<Secret>,
}

impl WireBody for ReauthenticateBody {}

impl TryFrom<ReauthenticateBody> for Reauthentication {
    type Error = FieldErrors;

    fn try_from(body: ReauthenticateBody) -> Result<Self, FieldErrors> {
        match (body.password, body.code) {
            (Some(password), None) => Ok(Self::Password(password)),
            (None, Some(code)) => Ok(Self::SecondFactor(SecondFactorProof::of_either(code))),
            (None, None) => Err(FieldError::new("/password", FieldCode::Required).into()),
            (Some(_), Some(_)) => Err(FieldError::new("/code", FieldCode::Exclusive).into()),
        }
    }
}

#[api_operation(
    operation_id = "reauthenticate",
    summary = "Prove once more who one is",
    description = "The session keeps its id and counts as signed in just now; the former refresh token is void.",
    tag = "auth"
)]
pub(super) async fn reauthenticate(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ReauthenticateBody>,
    request: HttpRequest,
) -> Result<WithCookies<Json<TokenAnswerView>>, Problem> {
    caller.user()?;
    let kind = SessionKind::of(&request);
    let tokens = auth.reauthenticate(&caller, &body.into_inner().try_into()?).await?;
    Ok(TokenAnswer::of(&caller, &tokens, kind, Json))
}
