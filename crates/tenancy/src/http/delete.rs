use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Accepted, IfMatch, PathId, Problem},
    id::TenantId,
};

use super::{asker::Asker, view::TenantView};
use crate::{Tenancy, Tenants};

#[api_operation(
    operation_id = "delete_tenant",
    summary = "Delete a tenant; it can be resumed for seven days; for operators",
    tag = "tenants"
)]
pub(super) async fn delete(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
    version: IfMatch,
) -> Result<Accepted<TenantView>, Problem> {
    let tenant = tenants.delete(&asker.operator_at(*id)?, *id, version.0).await?;
    let (version, settings) = (tenant.version, tenancy.settings_of(*id).await);
    Ok(Accepted(TenantView::of(tenant, settings)).version(version))
}
