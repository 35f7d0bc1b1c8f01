//! Changing a company's settings.

use ouvira_common::{
    context::RequestContext,
    id::CompanyId,
    ports::{Activity, Changes},
};

use super::{CompanySettings, SettingsEdit, read::load, store};
use crate::{
    Companies, CompanyError, event::CompanySettingsChanged, model::Edit, permission::COMPANY_SETTINGS,
    store as companies,
};

impl Companies {
    /// Changes the settings when they are at `expected`, where that is given, and answers them as they are then. An edit
    /// that changes nothing raises no version. Needs `company.settings`.
    pub async fn update_settings(
        &self,
        ctx: &RequestContext,
        id: CompanyId,
        expected: Option<i64>,
        edit: SettingsEdit,
    ) -> Result<CompanySettings, CompanyError> {
        self.db
            .write(ctx, async |tx| {
                if edit.require_two_factor != Edit::Keep {
                    // Before the company's row: so do all that change what rights follow from.
                    tx.raise_rights_epoch().await?;
                }
                self.require(tx, &COMPANY_SETTINGS, id).await?;
                // The company's row stands for its settings, which may have none yet.
                let company = companies::lock(tx, id).await?.ok_or(CompanyError::NotFound)?;
                let (before, default) = load(tx, id).await?.ok_or(CompanyError::NotFound)?;
                if expected.is_some_and(|expected| expected != before.version) {
                    return Err(CompanyError::VersionMismatch);
                }
                let after = edit.clone().apply(&before, &default)?;
                if after == before {
                    return Ok(before);
                }
                let after = CompanySettings { version: before.version + 1, updated_at: tx.now(), ..after };
                store::put(tx, &after);
                if after.require_two_factor != before.require_two_factor {
                    self.tree.guarded(tx, id, after.require_two_factor).await?;
                }
                self.audit.record(tx, changed(&before, &after).label(company.particulars.name));
                tx.publish(&CompanySettingsChanged { company_id: id, version: after.version });
                Ok(after)
            })
            .await
    }
}

fn changed(before: &CompanySettings, after: &CompanySettings) -> Activity {
    let changes = Changes::new()
        .public("locale", Some(before.locale), Some(after.locale))
        .public("timezone", Some(before.timezone.name()), Some(after.timezone.name()))
        .public("currency", Some(before.currency.code()), Some(after.currency.code()))
        .public("require_two_factor", Some(before.require_two_factor), Some(after.require_two_factor))
        .public("features", Some(&before.features), Some(&after.features))
        .public(
            "logo_url",
            before.logo_url.as_ref().map(url::Url::as_str),
            after.logo_url.as_ref().map(url::Url::as_str),
        );
    Activity::new("company_settings.updated", "company_settings", after.company.0)
        .company(after.company)
        .changes(changes)
}
