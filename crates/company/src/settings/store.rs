//! The table of settings.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::CompanyId,
    locale::Locale,
    time::Timestamp,
};
use serde_json::Value;

use super::CompanySettings;
use crate::schema::{companies, company_settings};

#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone)]
#[diesel(table_name = company_settings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct SettingsRow {
    company_id: CompanyId,
    locale: String,
    timezone: String,
    currency: String,
    require_two_factor: bool,
    features: Value,
    logo_url: Option<String>,
    version: i64,
    updated_at: Timestamp,
}

impl From<&CompanySettings> for SettingsRow {
    fn from(settings: &CompanySettings) -> Self {
        Self {
            company_id: settings.company,
            locale: settings.locale.as_str().to_owned(),
            timezone: settings.timezone.name().to_owned(),
            currency: settings.currency.code().to_owned(),
            require_two_factor: settings.require_two_factor,
            features: serde_json::to_value(&settings.features).expect("flags are plain data"),
            logo_url: settings.logo_url.as_ref().map(ToString::to_string),
            version: settings.version,
            updated_at: settings.updated_at,
        }
    }
}

impl TryFrom<SettingsRow> for CompanySettings {
    type Error = DbError;

    fn try_from(row: SettingsRow) -> Result<Self, DbError> {
        let corrupt = |column: &str| {
            let message = format!("company settings have an unreadable {column}");
            DbError::Query(diesel::result::Error::DeserializationError(message.into()))
        };
        Ok(Self {
            company: row.company_id,
            locale: Locale::from_tag(&row.locale).ok_or_else(|| corrupt("locale"))?,
            timezone: row.timezone.parse().map_err(|_| corrupt("timezone"))?,
            currency: iso_currency::Currency::from_code(&row.currency).ok_or_else(|| corrupt("currency"))?,
            require_two_factor: row.require_two_factor,
            features: serde_json::from_value(row.features).map_err(|_| corrupt("features"))?,
            logo_url: row.logo_url.map(|url| url.parse().map_err(|_| corrupt("logo_url"))).transpose()?,
            version: row.version,
            updated_at: row.updated_at,
        })
    }
}

/// When the company was founded, and its settings if it made any; `None` when there is no such company.
pub(super) async fn find(
    tx: &mut Tx,
    id: CompanyId,
) -> Result<Option<(Timestamp, Option<CompanySettings>)>, DbError> {
    let row: Option<(Timestamp, Option<SettingsRow>)> = companies::table
        .left_join(company_settings::table.on(company_settings::company_id.eq(companies::id)))
        .filter(companies::id.eq(id).and(companies::deleted_at.is_null()))
        .select((companies::created_at, Option::<SettingsRow>::as_select()))
        .first(tx)
        .await
        .optional()?;
    let Some((founded, settings)) = row else { return Ok(None) };
    Ok(Some((founded, settings.map(CompanySettings::try_from).transpose()?)))
}

/// Writes the settings, with the deferred statements.
pub(super) fn put(tx: &mut Tx, settings: &CompanySettings) {
    let row = SettingsRow::from(settings);
    let statement = diesel::insert_into(company_settings::table)
        .values(row.clone())
        .on_conflict((company_settings::tenant_id, company_settings::company_id))
        .do_update()
        .set(row);
    tx.defer(cached(statement));
}
