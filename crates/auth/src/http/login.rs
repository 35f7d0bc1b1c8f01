use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{
        Anonymous, Body, Json, Problem, WireBody,
        cookies::{LoginAnswerView, SessionKind, WithCookies},
    },
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::view::login_answer;
use crate::{Auth, Login};

/// Who, and how they prove it.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct LoginBody {
    /// A verified e-mail address or phone number.
    identifier: String,
    #[schemars(with = "String")]
    password: Secret,
    /// Answer of the captcha, where one is asked for.
    captcha_token: Option<String>,
    /// Where the tokens go.
    #[serde(default)]
    session: SessionKind,
}

impl WireBody for LoginBody {}

#[api_operation(
    operation_id = "login",
    summary = "Sign in with an address and a password",
    description = "Wrong: 401 `credentials_invalid`, the same for an unknown account.",
    tag = "auth"
)]
pub(super) async fn login(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<LoginBody>,
) -> Result<WithCookies<Json<LoginAnswerView>>, Problem> {
    let LoginBody { identifier, password, captcha_token, session } = body.into_inner();
    let outcome = auth.login(&caller, Login { identifier, password, captcha_token }).await?;
    Ok(login_answer(&caller, &outcome, session).with(Json))
}
