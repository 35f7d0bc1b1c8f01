//! The log of what was done in the catalog.

use diesel::ExpressionMethods as _;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ipnet::IpNet;
use ouvira_common::{
    db::DbError,
    id::{TenantId, uuid_at},
};
use serde_json::Value;

use crate::{PlatformContext, schema::ouvira_catalog::operator_log};

/// Something that was done.
pub(crate) struct LogEntry {
    /// `<object type>.<verb in the past>`.
    pub(crate) action: &'static str,
    /// Singular resource name.
    pub(crate) object_type: &'static str,
    pub(crate) object_id: String,
    pub(crate) tenant: Option<TenantId>,
    /// Without secrets.
    pub(crate) details: Value,
}

impl LogEntry {
    pub(crate) fn of_tenant(action: &'static str, tenant: TenantId, details: Value) -> Self {
        Self { action, object_type: "tenant", object_id: tenant.to_string(), tenant: Some(tenant), details }
    }
}

/// Writes it down, in the transaction that does it.
pub(crate) async fn log(
    conn: &mut AsyncPgConnection,
    ctx: &PlatformContext,
    entry: LogEntry,
) -> Result<(), DbError> {
    let request_id = Some(&ctx.origin.request_id).filter(|id| !id.is_empty());
    diesel::insert_into(operator_log::table)
        .values((
            operator_log::id.eq(uuid_at(ctx.now)),
            operator_log::at.eq(ctx.now),
            operator_log::operator_id.eq(ctx.operator.map(|operator| operator.0)),
            operator_log::action.eq(entry.action),
            operator_log::object_type.eq(entry.object_type),
            operator_log::object_id.eq(entry.object_id),
            operator_log::tenant_id.eq(entry.tenant.map(|tenant| tenant.0)),
            operator_log::details.eq(entry.details),
            operator_log::ip.eq(ctx.origin.ip.map(IpNet::from)),
            operator_log::request_id.eq(request_id),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
