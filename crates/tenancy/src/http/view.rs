//! A tenant on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    id::{TenantId, UserId},
    settings::TenantSettings,
    tenant::{PlacementMode, TenantState},
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{OwnTenant, Provisioned, TenantRecord};

/// A customer of the platform.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Tenant")]
pub struct TenantView {
    /// Id.
    id: TenantId,
    /// The name in `X-Tenant` and in host names.
    slug: String,
    /// The name people read.
    name: String,
    /// How it is with it.
    status: StatusView,
    /// Where its tables live.
    placement: PlacementView,
    /// Its own domains.
    domains: Vec<String>,
    /// What it decided for itself; null where it cannot be asked.
    settings: Option<TenantSettings>,
    /// When it was made.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// For `If-Match`.
    pub(super) version: i64,
}

/// The state of a tenant.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TenantStatus")]
pub(super) enum StatusView {
    /// It is being made.
    Provisioning,
    /// In service.
    Active,
    /// Switched off by an operator.
    Suspended,
    /// Deleted; can be brought back within seven days.
    Deleting,
}

impl From<TenantState> for StatusView {
    fn from(state: TenantState) -> Self {
        match state {
            TenantState::Provisioning => Self::Provisioning,
            TenantState::Active => Self::Active,
            TenantState::Suspended => Self::Suspended,
            TenantState::Deleting => Self::Deleting,
        }
    }
}

/// Where a tenant's tables live.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Placement")]
pub(super) struct PlacementView {
    /// The way of isolation.
    mode: ModeView,
}

/// How a tenant's tables are walled off from the others'.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PlacementMode")]
pub(super) enum ModeView {
    /// Common tables, row-level security.
    Shared,
    /// A Postgres schema of its own.
    Schema,
    /// A Postgres database of its own.
    Database,
}

impl From<PlacementMode> for PlacementView {
    fn from(mode: PlacementMode) -> Self {
        let mode = match mode {
            PlacementMode::Shared => ModeView::Shared,
            PlacementMode::Schema => ModeView::Schema,
            PlacementMode::Database => ModeView::Database,
        };
        Self { mode }
    }
}

impl From<PlacementView> for PlacementMode {
    fn from(view: PlacementView) -> Self {
        match view.mode {
            ModeView::Shared => Self::Shared,
            ModeView::Schema => Self::Schema,
            ModeView::Database => Self::Database,
        }
    }
}

/// A tenant that was made, or is being made.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "MadeTenant")]
pub(super) struct MadeTenantView {
    /// The tenant.
    tenant: TenantView,
    /// Its first user; null while it is being made.
    admin_user_id: Option<UserId>,
}

impl MadeTenantView {
    pub(super) fn new(made: Provisioned, settings: Option<TenantSettings>) -> Self {
        Self { tenant: TenantView::of(made.tenant, settings), admin_user_id: made.admin_user_id }
    }
}

impl TenantView {
    /// The tenant as operators see it.
    pub(super) fn of(tenant: TenantRecord, settings: Option<TenantSettings>) -> Self {
        Self {
            id: tenant.id,
            slug: tenant.slug.to_string(),
            name: tenant.name,
            status: tenant.state.into(),
            placement: tenant.placement.mode.into(),
            domains: tenant.domains,
            settings,
            created_at: tenant.created_at,
            updated_at: tenant.updated_at,
            version: tenant.version,
        }
    }
}

impl From<OwnTenant> for TenantView {
    fn from(OwnTenant { profile, settings }: OwnTenant) -> Self {
        Self {
            id: profile.id,
            slug: profile.slug,
            name: profile.name,
            status: profile.state.into(),
            placement: profile.mode.into(),
            domains: profile.domains,
            settings: Some(settings),
            created_at: profile.created_at,
            updated_at: profile.updated_at,
            version: profile.version,
        }
    }
}
