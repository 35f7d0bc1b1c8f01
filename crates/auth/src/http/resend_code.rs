use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::http::{Accepted, Anonymous, Body, Problem, WireBody};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::view::ChallengeView;
use crate::{Auth, ChallengeId};

/// Which code did not arrive.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct ResendCodeBody {
    challenge_id: Uuid,
}

impl WireBody for ResendCodeBody {}

#[api_operation(
    operation_id = "resend_otp",
    summary = "Send another code",
    description = "The former code is void; wrong ones stay counted. Before `resend_at`: 429.",
    tag = "auth"
)]
pub(super) async fn resend_code(
    caller: Anonymous,
    auth: Data<Auth>,
    body: Body<ResendCodeBody>,
) -> Result<Accepted<ChallengeView>, Problem> {
    let challenge = auth.resend_code(&caller, ChallengeId(body.challenge_id)).await?;
    Ok(Accepted(challenge.into()))
}
