use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Body, IfMatch, Json, MergePatch, Patch, PathId, Problem, SignedIn, WireBody},
    id::TenantId,
    locale::Locale,
    settings::{Quotas, RateLimits, SignupPolicy},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Edit, QuotasEdit, RateLimitsEdit, SettingsEdit, StoredSettings, Tenancy};

/// What a tenant decided for itself.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "TenantSettingsResource")]
pub(super) struct SettingsView {
    /// Who may sign up.
    signup: SignupPolicy,
    /// Language of people who have none of their own.
    locale: Locale,
    /// IANA time zone.
    timezone: String,
    /// For how many days rows of the logs are kept that are written from now on.
    audit_retention_days: u16,
    /// Whether everybody needs a second factor.
    require_two_factor: bool,
    /// Shortest password, in characters.
    password_min_length: u8,
    /// Minutes a session may rest before it ends.
    session_idle_minutes: u32,
    /// Minutes after which a session ends whatever happens.
    session_absolute_minutes: u32,
    /// How often things may be done here; null is as everywhere.
    rate_limits: RateLimits,
    /// How many of something there may be; null is without end.
    quotas: Quotas,
    /// When they were last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    version: i64,
}

impl From<StoredSettings> for SettingsView {
    fn from(StoredSettings { settings, version, updated_at }: StoredSettings) -> Self {
        Self {
            signup: settings.signup,
            locale: settings.locale,
            timezone: settings.timezone,
            audit_retention_days: settings.audit_retention_days,
            require_two_factor: settings.require_two_factor,
            password_min_length: settings.password_min_length,
            session_idle_minutes: settings.session_idle_minutes,
            session_absolute_minutes: settings.session_absolute_minutes,
            rate_limits: settings.rate_limits,
            quotas: settings.quotas,
            updated_at,
            version,
        }
    }
}

const READ_ONLY: &[&str] = &["updated_at", "version"];

/// Settings in place of the present ones; what is left out gets its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct ReplaceTenantSettings {
    /// Who may sign up; anybody unless given.
    signup: Option<SignupPolicy>,
    /// Language of people who have none of their own; `en` unless given.
    locale: Option<Locale>,
    /// IANA time zone; `UTC` unless given.
    timezone: Option<String>,
    /// For how many days rows of the logs are kept that are written from now on: 90, 365 or 2557; 365 unless given.
    audit_retention_days: Option<u32>,
    /// Whether everybody needs a second factor; not unless given.
    require_two_factor: Option<bool>,
    /// Shortest password, in characters, 8 to 64; 8 unless given.
    password_min_length: Option<u32>,
    /// Minutes a session may rest, 5 to 129600 and no more than it may last; 43200 unless given.
    session_idle_minutes: Option<u32>,
    /// Minutes a session may last, 5 to 129600; 129600 unless given.
    session_absolute_minutes: Option<u32>,
    /// How often things may be done here; as everywhere unless given.
    rate_limits: Option<ReplaceRateLimits>,
    /// How many of something there may be; without end unless given.
    quotas: Option<ReplaceQuotas>,
}

/// How often things may be done; null is as everywhere.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct ReplaceRateLimits {
    /// Logins a minute with one identifier from one address, 1 to 100.
    login_per_minute: Option<u32>,
    /// Refreshes a minute of one session, 1 to 1000.
    refresh_per_minute: Option<u32>,
    /// Calls a day of one user, 100 to 10000000.
    user_per_day: Option<u32>,
}

impl From<ReplaceRateLimits> for RateLimitsEdit {
    fn from(body: ReplaceRateLimits) -> Self {
        Self {
            login_per_minute: body.login_per_minute.into(),
            refresh_per_minute: body.refresh_per_minute.into(),
            user_per_day: body.user_per_day.into(),
        }
    }
}

/// How many of something there may be, each 1 to 10000000; null is without end.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct ReplaceQuotas {
    /// Users that are not deleted.
    users: Option<u32>,
    /// Companies that are not deleted.
    companies: Option<u32>,
    /// Members of one company.
    members_per_company: Option<u32>,
    /// Invitations that can still be accepted.
    pending_invitations: Option<u32>,
    /// Roles of the tenant's own.
    roles: Option<u32>,
}

impl From<ReplaceQuotas> for QuotasEdit {
    fn from(body: ReplaceQuotas) -> Self {
        Self {
            users: body.users.into(),
            companies: body.companies.into(),
            members_per_company: body.members_per_company.into(),
            pending_invitations: body.pending_invitations.into(),
            roles: body.roles.into(),
        }
    }
}

impl WireBody for ReplaceTenantSettings {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl From<ReplaceTenantSettings> for SettingsEdit {
    fn from(body: ReplaceTenantSettings) -> Self {
        Self {
            signup: body.signup.into(),
            locale: body.locale.into(),
            timezone: body.timezone.into(),
            audit_retention_days: body.audit_retention_days.into(),
            require_two_factor: body.require_two_factor.into(),
            password_min_length: body.password_min_length.into(),
            session_idle_minutes: body.session_idle_minutes.into(),
            session_absolute_minutes: body.session_absolute_minutes.into(),
            rate_limits: body.rate_limits.map(RateLimitsEdit::from).into(),
            quotas: body.quotas.map(QuotasEdit::from).into(),
        }
    }
}

/// Changes of settings; null gives a member its default.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct PatchTenantSettings {
    /// Who may sign up.
    signup: Patch<SignupPolicy>,
    /// Language of people who have none of their own.
    locale: Patch<Locale>,
    /// IANA time zone.
    timezone: Patch<String>,
    /// For how many days rows of the logs are kept that are written from now on: 90, 365 or 2557.
    audit_retention_days: Patch<u32>,
    /// Whether everybody needs a second factor.
    require_two_factor: Patch<bool>,
    /// Shortest password, in characters, 8 to 64.
    password_min_length: Patch<u32>,
    /// Minutes a session may rest, 5 to 129600 and no more than it may last.
    session_idle_minutes: Patch<u32>,
    /// Minutes a session may last, 5 to 129600.
    session_absolute_minutes: Patch<u32>,
    /// How often things may be done here; null is as everywhere.
    rate_limits: Patch<PatchRateLimits>,
    /// How many of something there may be; null is without end.
    quotas: Patch<PatchQuotas>,
}

/// Changes of how often things may be done; null is as everywhere.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct PatchRateLimits {
    /// Logins a minute with one identifier from one address, 1 to 100.
    login_per_minute: Patch<u32>,
    /// Refreshes a minute of one session, 1 to 1000.
    refresh_per_minute: Patch<u32>,
    /// Calls a day of one user, 100 to 10000000.
    user_per_day: Patch<u32>,
}

impl From<PatchRateLimits> for RateLimitsEdit {
    fn from(body: PatchRateLimits) -> Self {
        Self {
            login_per_minute: body.login_per_minute.into(),
            refresh_per_minute: body.refresh_per_minute.into(),
            user_per_day: body.user_per_day.into(),
        }
    }
}

/// Changes of how many of something there may be, each 1 to 10000000; null is without end.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
struct PatchQuotas {
    /// Users that are not deleted.
    users: Patch<u32>,
    /// Companies that are not deleted.
    companies: Patch<u32>,
    /// Members of one company.
    members_per_company: Patch<u32>,
    /// Invitations that can still be accepted.
    pending_invitations: Patch<u32>,
    /// Roles of the tenant's own.
    roles: Patch<u32>,
}

impl From<PatchQuotas> for QuotasEdit {
    fn from(body: PatchQuotas) -> Self {
        Self {
            users: body.users.into(),
            companies: body.companies.into(),
            members_per_company: body.members_per_company.into(),
            pending_invitations: body.pending_invitations.into(),
            roles: body.roles.into(),
        }
    }
}

/// A nested object is merged in turn (RFC 7396 §2).
fn edit_of<B, E: From<B>>(patch: Patch<B>) -> Edit<E> {
    match patch {
        Patch::Absent => Edit::Keep,
        Patch::Null => Edit::Reset,
        Patch::Value(body) => Edit::To(body.into()),
    }
}

impl WireBody for PatchTenantSettings {
    const READ_ONLY: &'static [&'static str] = READ_ONLY;
}

impl<T> From<Patch<T>> for Edit<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Absent => Self::Keep,
            Patch::Null => Self::Reset,
            Patch::Value(value) => Self::To(value),
        }
    }
}

impl From<PatchTenantSettings> for SettingsEdit {
    fn from(body: PatchTenantSettings) -> Self {
        Self {
            signup: body.signup.into(),
            locale: body.locale.into(),
            timezone: body.timezone.into(),
            audit_retention_days: body.audit_retention_days.into(),
            require_two_factor: body.require_two_factor.into(),
            password_min_length: body.password_min_length.into(),
            session_idle_minutes: body.session_idle_minutes.into(),
            session_absolute_minutes: body.session_absolute_minutes.into(),
            rate_limits: edit_of(body.rate_limits),
            quotas: edit_of(body.quotas),
        }
    }
}

fn answer(settings: StoredSettings) -> Json<SettingsView> {
    let version = settings.version;
    Json(SettingsView::from(settings)).version(version)
}

#[api_operation(
    operation_id = "read_tenant_settings",
    summary = "Read the tenant's settings",
    tag = "tenants"
)]
pub(super) async fn read(
    caller: SignedIn,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
) -> Result<Json<SettingsView>, Problem> {
    Ok(answer(tenancy.read_settings(&caller, *id).await?))
}

#[api_operation(
    operation_id = "replace_tenant_settings",
    summary = "Replace the tenant's settings; what is left out gets its default",
    tag = "tenants"
)]
pub(super) async fn replace(
    caller: SignedIn,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
    version: IfMatch,
    body: Body<ReplaceTenantSettings>,
) -> Result<Json<SettingsView>, Problem> {
    Ok(answer(tenancy.update_settings(&caller, *id, version.0, body.into_inner().into()).await?))
}

#[api_operation(
    operation_id = "patch_tenant_settings",
    summary = "Change the tenant's settings",
    tag = "tenants"
)]
pub(super) async fn patch(
    caller: SignedIn,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
    version: IfMatch,
    body: MergePatch<PatchTenantSettings>,
) -> Result<Json<SettingsView>, Problem> {
    Ok(answer(tenancy.update_settings(&caller, *id, version.0, body.into_inner().into()).await?))
}
