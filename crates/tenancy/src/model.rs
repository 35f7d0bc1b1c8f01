//! A tenant as the catalog has it.

use std::sync::Arc;

use ouvira_common::{
    id::TenantId,
    sealing::{DataKey, Unsealable, WrappingKeys},
    settings::TenantSettings,
    tenant::{Placement, PlacementMode, Tenant, TenantState},
    time::Timestamp,
};
use uuid::Uuid;

use crate::slug::Slug;

/// How long a deleted tenant can be brought back.
pub const GRACE: chrono::Duration = chrono::Duration::days(7);

/// Schema of the common placement, and of the one placement of an own database.
pub(crate) const SHARED_SCHEMA: &str = "ouvira_shared";

/// The common placement's row.
pub(crate) const SHARED_PLACEMENT: Uuid = Uuid::nil();

/// The schema a tenant's tables are in.
pub fn schema_name(mode: PlacementMode, tenant: TenantId) -> String {
    match mode {
        PlacementMode::Shared | PlacementMode::Database => SHARED_SCHEMA.to_owned(),
        PlacementMode::Schema => format!("t_{}", tenant.0.simple()),
    }
}

/// The database a tenant's tables are in; `None` for the common one.
pub fn database_name(mode: PlacementMode, tenant: TenantId) -> Option<String> {
    (mode == PlacementMode::Database).then(|| format!("ouvira_t_{}", tenant.0.simple()))
}

/// The mode of that name, as the API, the command line and the catalog write it.
pub fn parse_mode(word: &str) -> Option<PlacementMode> {
    PlacementMode::ALL.into_iter().find(|mode| mode.as_str() == word)
}

/// A state's name in the API and in the catalog.
pub const fn state_name(state: TenantState) -> &'static str {
    match state {
        TenantState::Provisioning => "provisioning",
        TenantState::Active => "active",
        TenantState::Suspended => "suspended",
        TenantState::Deleting => "deleting",
    }
}

/// The state of that name.
pub(crate) fn parse_state(word: &str) -> Option<TenantState> {
    [TenantState::Provisioning, TenantState::Active, TenantState::Suspended, TenantState::Deleting]
        .into_iter()
        .find(|state| state_name(*state) == word)
}

/// A data key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrappedKey {
    pub(crate) kid: String,
    pub(crate) bytes: Vec<u8>,
}

impl WrappedKey {
    /// Bound to the tenant: another tenant's key does not unwrap in its place.
    fn purpose(tenant: TenantId) -> String {
        format!("tenant:{tenant}")
    }

    pub(crate) fn wrap(
        keys: &WrappingKeys,
        tenant: TenantId,
        key: &DataKey,
        entropy: &dyn ouvira_common::entropy::Entropy,
    ) -> Self {
        let (kid, bytes) = keys.wrap(&Self::purpose(tenant), key.expose(), entropy);
        Self { kid, bytes }
    }

    pub(crate) fn unwrap(&self, keys: &WrappingKeys, tenant: TenantId) -> Result<DataKey, Unsealable> {
        let bytes = keys.unwrap(&self.kid, &Self::purpose(tenant), &self.bytes)?;
        Ok(DataKey::from_bytes(tenant, bytes.try_into().map_err(|_| Unsealable)?))
    }
}

/// A tenant as the catalog has it: what operators see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRecord {
    /// Id.
    pub id: TenantId,
    /// The name in `X-Tenant` and in host names.
    pub slug: Slug,
    /// The name people read.
    pub name: String,
    /// State.
    pub state: TenantState,
    /// Where its tables live.
    pub placement: Placement,
    /// Custom domains, sorted.
    pub domains: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
    /// When nothing of it will be left.
    pub purge_at: Option<Timestamp>,
    /// Raised by every change.
    pub version: i64,
    pub(crate) data_key: WrappedKey,
}

impl TenantRecord {
    /// The tenant as a request has it, with the settings it began with.
    pub(crate) fn to_tenant(&self, keys: &WrappingKeys) -> Result<Arc<Tenant>, Unsealable> {
        Ok(Arc::new(Tenant {
            id: self.id,
            slug: self.slug.as_str().to_owned(),
            name: self.name.clone(),
            state: self.state,
            placement: self.placement.clone(),
            settings: TenantSettings::default(),
            settings_version: 1,
            data_key: self.data_key.unwrap(keys, self.id)?,
        }))
    }

    /// The schema its tables are in.
    pub(crate) fn schema(&self) -> String {
        schema_name(self.placement.mode, self.id)
    }
}
