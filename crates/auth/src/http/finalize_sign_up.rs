use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{
        Anonymous, Body, Created, Problem, WireBody,
        cookies::{LoginAnswerView, SessionKind, WithCookies},
    },
    locale::Locale,
    secret::Secret,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::view::login_answer;
use crate::{Auth, FinalizeSignUp};

/// The rest of the account.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct FinalizeSignUpBody {
    /// From `verify-otp`.
    #[schemars(with = "String")]
    signup_token: Secret,
    /// The verified address again, or a second one.
    email: Option<String>,
    /// The verified number again, or a second one.
    phone: Option<String>,
    /// 8 to 128 characters; not a common one.
    #[schemars(with = "String")]
    password: Secret,
    first_name: Option<String>,
    last_name: Option<String>,
    /// Their language; the tenant's unless given.
    locale: Option<Locale>,
    /// Where the tokens go.
    #[serde(default)]
    session: SessionKind,
}

impl WireBody for FinalizeSignUpBody {}

impl From<FinalizeSignUpBody> for FinalizeSignUp {
    fn from(body: FinalizeSignUpBody) -> Self {
        Self {
            signup_token: body.signup_token,
            email: body.email,
            phone: body.phone,
            password: body.password,
            first_name: body.first_name,
            last_name: body.last_name,
            locale: body.locale,
        }
    }
}

#[api_operation(
    operation_id = "finalize_signup",
    summary = "Make the account and sign in",
    description = "A second address is taken as a claim; whether somebody else has it is not told.",
    tag = "auth"
)]
pub(super) async fn finalize_sign_up(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<FinalizeSignUpBody>,
) -> Result<WithCookies<Created<LoginAnswerView>>, Problem> {
    let kind = body.session;
    let outcome = auth.finalize_sign_up(&caller, body.into_inner().into()).await?;
    let made = |view| Created::at("/api/v1/account/profile", view);
    Ok(login_answer(&caller, &outcome, kind).with(made))
}
