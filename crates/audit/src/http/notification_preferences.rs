use std::collections::BTreeMap;

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::http::{Body, Json, Problem, SignedIn, WireBody};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Audit, Preference, Preferences};

/// How one kind of notification reaches one.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "NotificationPreference")]
pub(super) struct PreferenceView {
    /// It is put into one's list.
    in_app: bool,
    /// It is mailed.
    email: bool,
}

/// How notifications reach one, by kind.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[schemars(rename = "NotificationPreferences")]
pub(super) struct PreferencesView {
    /// By kind; in an answer all of them. What concerns the security of one's account cannot be switched off.
    kinds: BTreeMap<String, PreferenceView>,
}

impl WireBody for PreferencesView {}

impl From<Preferences> for PreferencesView {
    fn from(preferences: Preferences) -> Self {
        let view = |Preference { in_app, email }| PreferenceView { in_app, email };
        Self { kinds: preferences.into_iter().map(|(kind, preference)| (kind, view(preference))).collect() }
    }
}

impl From<PreferencesView> for Preferences {
    fn from(view: PreferencesView) -> Self {
        let preference = |PreferenceView { in_app, email }| Preference { in_app, email };
        view.kinds.into_iter().map(|(kind, view)| (kind, preference(view))).collect()
    }
}

#[api_operation(
    operation_id = "read_notification_preferences",
    summary = "Read how notifications reach one",
    tag = "audit"
)]
pub(super) async fn read(caller: SignedIn, audit: Data<Audit>) -> Result<Json<PreferencesView>, Problem> {
    Ok(Json(audit.read_preferences(&caller).await?.into()))
}

#[api_operation(
    operation_id = "replace_notification_preferences",
    summary = "Decide how notifications reach one; a kind that is left out gets its default",
    tag = "audit"
)]
pub(super) async fn replace(
    caller: SignedIn,
    audit: Data<Audit>,
    body: Body<PreferencesView>,
) -> Result<Json<PreferencesView>, Problem> {
    Ok(Json(audit.replace_preferences(&caller, body.into_inner().into()).await?.into()))
}
