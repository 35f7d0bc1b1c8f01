//! What the directory says of a tenant to its own people.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{DbError, cached},
    id::TenantId,
    tenant::{PlacementMode, TenantState},
    time::Timestamp,
};

use super::Directory;
use crate::{
    model::{parse_mode, parse_state},
    pool::checkout,
};

/// A tenant as its own people see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantProfile {
    /// Id.
    pub id: TenantId,
    /// The name in `X-Tenant` and in host names.
    pub slug: String,
    /// The name people read.
    pub name: String,
    /// State.
    pub state: TenantState,
    /// The way of isolation.
    pub mode: PlacementMode,
    /// Custom domains, sorted.
    pub domains: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Raised by every change.
    pub version: i64,
}

#[derive(QueryableByName)]
struct ProfileRow {
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    mode: String,
    #[diesel(sql_type = Nullable<Text>)]
    domain: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    updated_at: Timestamp,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

const PROFILE: &str = "SELECT slug, name, state, mode, domain, created_at, updated_at, version \
    FROM ouvira_catalog.tenant_directory WHERE id = $1 ORDER BY domain";

impl Directory {
    /// What the directory has of that tenant now; `None` when there is none.
    pub(crate) async fn profile(&self, id: TenantId) -> Result<Option<TenantProfile>, DbError> {
        let mut conn = checkout(&self.0.view).await?;
        let mut rows: Vec<ProfileRow> =
            cached(sql_query(PROFILE).bind::<SqlUuid, _>(id)).load(&mut conn).await?;
        let domains = rows.iter_mut().filter_map(|row| row.domain.take()).collect();
        let profile = |row: ProfileRow| {
            Some(TenantProfile {
                id,
                slug: row.slug,
                name: row.name,
                state: parse_state(&row.state)?,
                mode: parse_mode(&row.mode)?,
                domains,
                created_at: row.created_at,
                updated_at: row.updated_at,
                version: row.version,
            })
        };
        Ok(rows.pop().and_then(profile))
    }
}
