use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Accepted, Body, Json, Problem, SignedIn, UserView, WireBody},
    problem::FieldErrors,
    secret::Secret,
    text::{Address, Channel, Email, Phone},
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::view::ChallengeView;
use crate::{Auth, ChallengeId};

/// The new e-mail address.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ChangeEmailBody {
    email: String,
}

/// The new phone number, international.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ChangePhoneBody {
    phone: String,
}

/// The code that reached the new address.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ConfirmAddressBody {
    challenge_id: Uuid,
    /// Six digits.
    #[schemars(with = "String")]
    code: Secret,
}

impl WireBody for ChangeEmailBody {}
impl WireBody for ChangePhoneBody {}
impl WireBody for ConfirmAddressBody {}

#[api_operation(
    operation_id = "change_email",
    summary = "Ask for another e-mail address",
    description = "Sends a code to it; it is taken over once confirmed. Asks for a sign-in within the last ten minutes.",
    tag = "account"
)]
pub(super) async fn email(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ChangeEmailBody>,
) -> Result<Accepted<ChallengeView>, Problem> {
    caller.user()?;
    let email = Email::parse("/email", &body.email).map_err(FieldErrors::from)?;
    let challenge = auth.change_address(&caller, &Address::Email(email)).await?;
    Ok(Accepted(challenge.into()))
}

#[api_operation(
    operation_id = "change_phone",
    summary = "Ask for another phone number",
    description = "Sends a code to it; it is taken over once confirmed. Asks for a sign-in within the last ten minutes.",
    tag = "account"
)]
pub(super) async fn phone(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ChangePhoneBody>,
) -> Result<Accepted<ChallengeView>, Problem> {
    caller.user()?;
    let phone = Phone::parse("/phone", &body.phone).map_err(FieldErrors::from)?;
    let challenge = auth.change_address(&caller, &Address::Phone(phone)).await?;
    Ok(Accepted(challenge.into()))
}

#[api_operation(
    operation_id = "confirm_email",
    summary = "Take the new e-mail address over",
    tag = "account"
)]
pub(super) async fn confirm_email(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ConfirmAddressBody>,
) -> Result<Json<UserView>, Problem> {
    confirm(&caller, &auth, Channel::Email, &body).await
}

#[api_operation(operation_id = "confirm_phone", summary = "Take the new phone number over", tag = "account")]
pub(super) async fn confirm_phone(
    caller: SignedIn,
    auth: Data<Auth>,
    body: Body<ConfirmAddressBody>,
) -> Result<Json<UserView>, Problem> {
    confirm(&caller, &auth, Channel::Sms, &body).await
}

async fn confirm(
    caller: &SignedIn,
    auth: &Auth,
    channel: Channel,
    body: &ConfirmAddressBody,
) -> Result<Json<UserView>, Problem> {
    caller.user()?;
    let person = auth.confirm_address(caller, channel, ChallengeId(body.challenge_id), &body.code).await?;
    Ok(Json(UserView::from(&person)).version(person.version))
}
