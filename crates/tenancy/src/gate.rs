//! The gate from its other side: rows of tenants and grants, written by `ouvira_control` through the functions that it
//! alone may call, in whatever database the tenant lives.

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Bool, Jsonb, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::DbError,
    id::{GrantId, OperatorId},
    time::Timestamp,
};
use serde_json::json;

use crate::{catalog::Catalog, error::TenancyError, model::TenantRecord};

#[derive(QueryableByName)]
struct Changed {
    #[diesel(sql_type = Bool)]
    changed: bool,
}

/// Makes the tenant known at the gate of its database, in state `provisioning`. One that is known already stays as it
/// is; the answer is whether it is active by now.
pub(crate) async fn admit(catalog: &Catalog, tenant: &TenantRecord) -> Result<bool, TenancyError> {
    let mut conn = catalog.at(tenant.placement.database.as_deref()).await?;
    let admitted = sql_query("SELECT ouvira_core.admit_tenant($1, $2, $3)")
        .bind::<SqlUuid, _>(tenant.id)
        .bind::<Text, _>(tenant.schema())
        .bind::<Jsonb, _>(json!({}))
        .execute(&mut *conn)
        .await
        .map_err(DbError::from);
    match admitted {
        Err(error) if error.violates_unique("gate_tenants_pkey") => {
            Ok(set_state(&mut conn, tenant, &["active"], "active").await?)
        }
        admitted => Ok(admitted.map(|_| false)?),
    }
}

/// Lets the tenant's people in for the first time.
pub(crate) async fn activate(catalog: &Catalog, tenant: &TenantRecord) -> Result<(), TenancyError> {
    let mut conn = catalog.at(tenant.placement.database.as_deref()).await?;
    set_state(&mut conn, tenant, &["provisioning"], "active").await?;
    Ok(())
}

/// Changes the state at the gate from one of `from` to `to`, once no write is in flight; `false` when it was another.
pub(crate) async fn change_state(
    catalog: &Catalog,
    tenant: &TenantRecord,
    from: &[&str],
    to: &str,
) -> Result<bool, TenancyError> {
    // On a connection of its own: the pool need not wait with it.
    let mut conn = catalog.dedicated(tenant.placement.database.as_deref()).await?;
    Ok(set_state(&mut conn, tenant, from, to).await?)
}

async fn set_state(
    conn: &mut AsyncPgConnection,
    tenant: &TenantRecord,
    from: &[&str],
    to: &str,
) -> Result<bool, DbError> {
    let row: Changed = sql_query("SELECT ouvira_core.set_tenant_state($1, $2, $3) AS changed")
        .bind::<SqlUuid, _>(tenant.id)
        .bind::<Array<Text>, _>(from)
        .bind::<Text, _>(to)
        .get_result(conn)
        .await?;
    Ok(row.changed)
}

/// Lets `operator` into the tenant by `grant` until `expires_at`.
pub(crate) async fn put_grant(
    catalog: &Catalog,
    tenant: &TenantRecord,
    grant: GrantId,
    operator: OperatorId,
    expires_at: Timestamp,
) -> Result<(), TenancyError> {
    // Whoever asks holds a connection of the pool already.
    let mut conn = catalog.dedicated(tenant.placement.database.as_deref()).await?;
    sql_query("SELECT ouvira_core.put_grant($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(tenant.id)
        .bind::<SqlUuid, _>(grant)
        .bind::<SqlUuid, _>(operator)
        .bind::<Timestamptz, _>(expires_at)
        .execute(&mut conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}

/// Ends a grant at the tenant's gate; one that is not there is none.
pub(crate) async fn revoke_grant(
    catalog: &Catalog,
    tenant: &TenantRecord,
    grant: GrantId,
) -> Result<(), TenancyError> {
    let mut conn = catalog.dedicated(tenant.placement.database.as_deref()).await?;
    sql_query("SELECT ouvira_core.revoke_grant($1, $2)")
        .bind::<SqlUuid, _>(tenant.id)
        .bind::<SqlUuid, _>(grant)
        .execute(&mut conn)
        .await
        .map_err(DbError::from)?;
    Ok(())
}
