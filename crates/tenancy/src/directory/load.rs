//! Asking the catalog, and the tenant's own database for its settings.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{
    OptionalExtension as _, QueryableByName, sql_query,
    sql_types::{BigInt, Bytea, Jsonb, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::{DbError, cached},
    id::TenantId,
    ports::{ResolveError, TenantName, TenantResolver},
    principal::Principal,
    settings::TenantSettings,
    tenant::{Placement, Tenant},
    time::Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use super::{Directory, cache::Name};
use crate::{
    model::{WrappedKey, parse_mode, parse_state},
    pool::checkout,
    settings::parse_stored,
};

#[derive(QueryableByName)]
struct DirectoryRow {
    #[diesel(sql_type = SqlUuid)]
    id: TenantId,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    epoch: i64,
    #[diesel(sql_type = Nullable<Bytea>)]
    data_key: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    data_key_kid: Option<String>,
    #[diesel(sql_type = Text)]
    mode: String,
    #[diesel(sql_type = Nullable<Text>)]
    database: Option<String>,
}

#[derive(QueryableByName)]
struct SettingsRow {
    #[diesel(sql_type = Jsonb)]
    settings: Value,
}

/// Columns of the view; a tenant with several domains has as many rows.
macro_rules! directory {
    ($condition:literal) => {
        concat!(
            "SELECT id, slug, name, state, epoch, data_key, data_key_kid, mode, database \
             FROM ouvira_catalog.tenant_directory WHERE ",
            $condition,
            " LIMIT 1"
        )
    };
}

async fn find(conn: &mut AsyncPgConnection, name: &Name) -> Result<Option<DirectoryRow>, DbError> {
    let row = match name {
        Name::Id(id) => {
            cached(sql_query(directory!("id = $1")).bind::<SqlUuid, _>(id)).get_result(conn).await
        }
        Name::Slug(slug) => {
            cached(sql_query(directory!("slug = $1")).bind::<Text, _>(slug.as_ref())).get_result(conn).await
        }
        Name::Domain(domain) => {
            cached(sql_query(directory!("domain = $1")).bind::<Text, _>(domain.as_ref()))
                .get_result(conn)
                .await
        }
    };
    Ok(row.optional()?)
}

impl Directory {
    /// The tenant of that name as the catalog and its own database have it now; `None` when there is none.
    pub(super) async fn load(&self, name: &Name) -> Result<Option<Tenant>, ResolveError> {
        let Some(row) = self.find(name).await.map_err(unavailable)? else { return Ok(None) };
        let defect = |what: &str| ResolveError::Unavailable(format!("tenant {}: {what}", row.id));
        let (Some(state), Some(mode)) = (parse_state(&row.state), parse_mode(&row.mode)) else {
            return Err(defect("this version does not know its state or placement"));
        };
        let (Some(kid), Some(bytes)) = (row.data_key_kid, row.data_key) else {
            return Err(defect("it has no data key"));
        };
        let data_key = WrappedKey { kid, bytes }
            .unwrap(&self.0.keys, row.id)
            .map_err(|_| defect("its data key does not unwrap; is a key missing from ENCRYPTION_KEYS?"))?;
        let mut tenant = Tenant {
            id: row.id,
            slug: row.slug,
            name: row.name,
            state,
            placement: Placement { mode, database: row.database, epoch: row.epoch },
            settings: TenantSettings::default(),
            settings_version: 0,
            data_key,
        };
        (tenant.settings, tenant.settings_version) = self.settings(&tenant).await.map_err(unavailable)?;
        Ok(Some(tenant))
    }

    async fn find(&self, name: &Name) -> Result<Option<DirectoryRow>, DbError> {
        let first = find(&mut *checkout(&self.0.view).await?, name).await;
        match first {
            // The server was restarted since the pool opened this connection.
            Err(DbError::Unavailable(_)) => find(&mut *checkout(&self.0.view).await?, name).await,
            answer => answer,
        }
    }

    /// The settings, and the version the gate has for them. A job's pass reads them in whatever state the tenant is. One
    /// whose gate is elsewhere (it is being moved) keeps the defaults; the gate refuses its requests anyway.
    async fn settings(&self, tenant: &Tenant) -> Result<(TenantSettings, i64), DbError> {
        let pass = Pass::Job(Uuid::nil());
        let ctx = RequestContext::new(
            Arc::new(tenant.clone()),
            Principal::SYSTEM,
            pass,
            Origin::default(),
            Timestamp::UNIX_EPOCH,
        );
        let read: Result<_, DbError> = self
            .0
            .settings
            .read(&ctx, async |tx| {
                let row: Option<SettingsRow> =
                    cached(sql_query("SELECT settings FROM ouvira_core.read_settings()"))
                        .get_result(tx)
                        .await
                        .optional()?;
                let version = tx.open().await?.settings_version;
                Ok((row.map(|row| row.settings), version))
            })
            .await;
        match read {
            Ok((settings, version)) => Ok((settings.map(parse_stored).unwrap_or_default(), version)),
            Err(DbError::Refused(_)) => Ok((TenantSettings::default(), 0)),
            Err(error) => Err(error),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn unavailable(error: DbError) -> ResolveError {
    ResolveError::Unavailable(error.to_string())
}

/// The resolver of the way to the settings: it is asked where a tenant has gone, and does not follow.
pub(super) struct Nowhere;

#[async_trait]
impl TenantResolver for Nowhere {
    async fn resolve(&self, _name: TenantName<'_>) -> Result<Arc<Tenant>, ResolveError> {
        Err(ResolveError::NotFound)
    }

    async fn resolve_anew(&self, _id: TenantId) -> Result<Arc<Tenant>, ResolveError> {
        Err(ResolveError::NotFound)
    }
}
