use std::collections::BTreeMap;

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, IfMatch, Json, MergePatch, Patch, PathId, Problem, SignedIn, WireBody},
    id::CompanyId,
    locale::Locale,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Companies,
    settings::{CompanySettings, SettingsEdit},
};

/// What a company decided for itself.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "CompanySettings")]
pub(super) struct SettingsView {
    /// Whose.
    company_id: CompanyId,
    /// Language.
    locale: Locale,
    /// IANA time zone.
    timezone: String,
    /// ISO 4217 currency.
    currency: String,
    /// Whether its people need a second factor here.
    require_two_factor: bool,
    /// Feature flags; what is not named is off.
    features: BTreeMap<String, bool>,
    /// Where its logo is.
    logo_url: Option<String>,
    /// When they were last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<&CompanySettings> for SettingsView {
    fn from(settings: &CompanySettings) -> Self {
        Self {
            company_id: settings.company,
            locale: settings.locale,
            timezone: settings.timezone.name().to_owned(),
            currency: settings.currency.code().to_owned(),
            require_two_factor: settings.require_two_factor,
            features: settings.features.clone(),
            logo_url: settings.logo_url.as_ref().map(ToString::to_string),
            updated_at: settings.updated_at,
            version: settings.version,
        }
    }
}

const READ_ONLY: &[&str] = &["company_id", "updated_at", "version"];

/// Settings in place of the present ones; what is left out gets its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct ReplaceSettings {
    /// Language; the tenant's unless given.
    locale: Option<Locale>,
    /// IANA time zone; the tenant's unless given.
    timezone: Option<String>,
    /// ISO 4217 currency; `EUR` unless given.
    currency: Option<String>,
    /// Whether its people need a second factor here; not unless given.
    require_two_factor: Option<bool>,
    /// Feature flags, at most a hundred; none unless given.
    features: Option<BTreeMap<String, bool>>,
    /// Where its logo is: an https address; none unless given.
    logo_url: Option<String>,
}

impl WireBody for ReplaceSettings {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<ReplaceSettings> for SettingsEdit {
    fn from(body: ReplaceSettings) -> Self {
        let named = |features: BTreeMap<String, bool>| {
            features.into_iter().map(|(name, on)| (name, Some(on))).collect()
        };
        Self {
            locale: body.locale.into(),
            timezone: body.timezone.into(),
            currency: body.currency.into(),
            require_two_factor: body.require_two_factor.into(),
            features: body.features.map(named).into(),
            replace_features: true,
            logo_url: body.logo_url.into(),
        }
    }
}

/// Changes of settings; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct SettingsPatch {
    /// Language.
    locale: Patch<Locale>,
    /// IANA time zone.
    timezone: Patch<String>,
    /// ISO 4217 currency.
    currency: Patch<String>,
    /// Whether its people need a second factor here.
    require_two_factor: Patch<bool>,
    /// Feature flags; null takes one out.
    features: Patch<BTreeMap<String, Option<bool>>>,
    /// Where its logo is: an https address.
    logo_url: Patch<String>,
}

impl WireBody for SettingsPatch {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<SettingsPatch> for SettingsEdit {
    fn from(body: SettingsPatch) -> Self {
        Self {
            locale: body.locale.into(),
            timezone: body.timezone.into(),
            currency: body.currency.into(),
            require_two_factor: body.require_two_factor.into(),
            features: body.features.into(),
            replace_features: false,
            logo_url: body.logo_url.into(),
        }
    }
}

#[api_operation(
    operation_id = "read_company_settings",
    summary = "Read a company's settings",
    tag = "company"
)]
pub(super) async fn read(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
) -> Result<Json<SettingsView>, Problem> {
    let settings = companies.read_settings(&caller, *id).await?;
    Ok(Json(SettingsView::from(&settings)).version(settings.version))
}

#[api_operation(
    operation_id = "replace_company_settings",
    summary = "Replace a company's settings; what is left out gets its default",
    tag = "company"
)]
pub(super) async fn replace(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    version: IfMatch,
    body: Body<ReplaceSettings>,
) -> Result<Json<SettingsView>, Problem> {
    let settings = companies.update_settings(&caller, *id, version.0, body.into_inner().into()).await?;
    Ok(Json(SettingsView::from(&settings)).version(settings.version))
}

#[api_operation(
    operation_id = "patch_company_settings",
    summary = "Change a company's settings",
    tag = "company"
)]
pub(super) async fn patch(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    version: IfMatch,
    body: MergePatch<SettingsPatch>,
) -> Result<Json<SettingsView>, Problem> {
    let settings = companies.update_settings(&caller, *id, version.0, body.into_inner().into()).await?;
    Ok(Json(SettingsView::from(&settings)).version(settings.version))
}
