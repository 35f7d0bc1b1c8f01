//! The settings in the tenant's own database, behind the functions of `ouvira_core`.

use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Jsonb, Timestamptz},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, Tx, cached},
    settings::TenantSettings,
    time::Timestamp,
};
use serde_json::Value;

use super::{StoredSettings, parse_stored};

#[derive(QueryableByName)]
struct SettingsRow {
    #[diesel(sql_type = Jsonb)]
    settings: Value,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Timestamptz)]
    updated_at: Timestamp,
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    version: i64,
}

/// The settings of the tenant in scope.
pub(crate) async fn find(tx: &mut Tx) -> Result<StoredSettings, DbError> {
    let row: SettingsRow =
        cached(sql_query("SELECT settings, version, updated_at FROM ouvira_core.read_settings()"))
            .get_result(tx)
            .await?;
    Ok(StoredSettings {
        settings: parse_stored(row.settings),
        version: row.version,
        updated_at: row.updated_at,
    })
}

/// Writes settings made from `version`; the new version, or `None` when somebody was faster.
pub(super) async fn write(
    tx: &mut Tx,
    settings: &TenantSettings,
    version: i64,
) -> Result<Option<i64>, DbError> {
    let settings = serde_json::to_value(settings).expect("settings are plain data");
    let now = tx.now();
    let row: Option<Written> = cached(
        sql_query("SELECT version FROM ouvira_core.write_settings($1, $2, $3)")
            .bind::<Jsonb, _>(settings)
            .bind::<BigInt, _>(version)
            .bind::<Timestamptz, _>(now),
    )
    .get_result(tx)
    .await
    .optional()?;
    Ok(row.map(|row| row.version))
}
