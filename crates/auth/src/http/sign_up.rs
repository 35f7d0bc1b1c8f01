use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::http::{Accepted, Anonymous, Body, Problem, WireBody};
use schemars::JsonSchema;
use serde::Deserialize;

use super::view::ChallengeView;
use crate::{Auth, SignUp};

/// One address, to which a code is sent.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct SignUpBody {
    /// E-mail address; or a phone number.
    email: Option<String>,
    /// Phone number, international; or an e-mail address.
    phone: Option<String>,
    /// Answer of the captcha, where one is asked for.
    captcha_token: Option<String>,
}

impl WireBody for SignUpBody {}

#[api_operation(
    operation_id = "sign_up",
    summary = "Begin a sign-up",
    description = "Sends a code to the address. The answer is the same whether or not it has an account.",
    tag = "auth"
)]
pub(super) async fn sign_up(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<SignUpBody>,
) -> Result<Accepted<ChallengeView>, Problem> {
    let SignUpBody { email, phone, captcha_token } = body.into_inner();
    let challenge = auth.sign_up(&caller, SignUp { email, phone, captcha_token }).await?;
    Ok(Accepted(challenge.into()))
}
