//! The deployment's time zone.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use chrono_tz::Tz;
use ouvira_common::http::{Json, Problem};
use schemars::JsonSchema;
use serde::Serialize;

/// `TIME_ZONE`.
pub(super) struct TimeZone(pub(super) Tz);

/// The time zone of the deployment.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
pub(super) struct TimeZoneView {
    /// IANA name.
    timezone: String,
}

#[api_operation(operation_id = "read_timezone", summary = "The deployment's time zone", tag = "service")]
pub(super) async fn timezone(zone: Data<TimeZone>) -> Result<Json<TimeZoneView>, Problem> {
    Ok(Json(TimeZoneView { timezone: zone.0.name().to_owned() }))
}
