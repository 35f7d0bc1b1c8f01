//! Changing a tenant's settings.

use ouvira_common::{
    context::RequestContext,
    id::TenantId,
    permission::Scope,
    ports::{Activity, Changes, TenantResolver as _},
    settings::TenantSettings,
};

use super::{SettingsEdit, StoredSettings, store};
use crate::{
    error::TenancyError,
    own::{Tenancy, require_own},
    permission::TENANT_SETTINGS,
};

impl Tenancy {
    /// Changes the settings of the caller's own tenant when they are at `expected`, where that is given, and answers them
    /// as they are then. Needs `tenant.settings`. An edit that changes nothing raises no version. Errors: fields,
    /// [`TenancyError::VersionMismatch`], also when somebody was faster, [`TenancyError::NotFound`].
    pub async fn update_settings(
        &self,
        ctx: &RequestContext,
        id: TenantId,
        expected: Option<i64>,
        edit: SettingsEdit,
    ) -> Result<StoredSettings, TenancyError> {
        require_own(ctx, id)?;
        let settings = self
            .deps
            .db
            .write(ctx, async |tx| {
                self.deps.rights.require(tx, &TENANT_SETTINGS, Scope::Tenant).await?;
                let before = store::find(tx).await?;
                if expected.is_some_and(|expected| expected != before.version) {
                    return Err(TenancyError::VersionMismatch);
                }
                let settings = edit.clone().apply(&before.settings)?;
                if settings == before.settings {
                    return Ok(before);
                }
                let version = store::write(tx, &settings, before.version).await?;
                let version = version.ok_or(TenancyError::VersionMismatch)?;
                let activity = Activity::new("tenant.settings_changed", "tenant", id.0)
                    .label(&ctx.tenant().name)
                    .changes(changes(&before.settings, &settings));
                self.deps.audit.record(tx, activity);
                Ok(StoredSettings { settings, version, updated_at: tx.now() })
            })
            .await?;
        // This node knows at once; the others when they next ask.
        if let Err(error) = self.deps.directory.resolve_anew(id).await {
            tracing::warn!(tenant = %id, %error, "settings were changed and could not be read again");
        }
        Ok(settings)
    }
}

fn changes(from: &TenantSettings, to: &TenantSettings) -> Changes {
    Changes::new()
        .public("signup", Some(from.signup), Some(to.signup))
        .public("locale", Some(from.locale), Some(to.locale))
        .public("timezone", Some(&from.timezone), Some(&to.timezone))
        .public("audit_retention_days", Some(from.audit_retention_days), Some(to.audit_retention_days))
        .public("require_two_factor", Some(from.require_two_factor), Some(to.require_two_factor))
        .public("password_min_length", Some(from.password_min_length), Some(to.password_min_length))
        .public("session_idle_minutes", Some(from.session_idle_minutes), Some(to.session_idle_minutes))
        .public(
            "session_absolute_minutes",
            Some(from.session_absolute_minutes),
            Some(to.session_absolute_minutes),
        )
        .public("rate_limits", Some(from.rate_limits), Some(to.rate_limits))
        .public("quotas", Some(from.quotas), Some(to.quotas))
}
