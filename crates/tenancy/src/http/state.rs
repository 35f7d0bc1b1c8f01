use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem},
    id::TenantId,
};

use super::{asker::Asker, view::TenantView};
use crate::{Tenancy, Tenants};

#[api_operation(
    operation_id = "suspend_tenant",
    summary = "Switch a tenant off, at once and on every node; for operators",
    tag = "tenants"
)]
pub(super) async fn suspend(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let tenant = tenants.suspend(&asker.operator_at(*id)?, *id).await?;
    let (version, settings) = (tenant.version, tenancy.settings_of(*id).await);
    Ok(Json(TenantView::of(tenant, settings)).version(version))
}

#[api_operation(
    operation_id = "resume_tenant",
    summary = "Put a tenant back into service that was suspended, or deleted within seven days; for operators",
    tag = "tenants"
)]
pub(super) async fn resume(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let tenant = tenants.resume(&asker.operator_at(*id)?, *id).await?;
    let (version, settings) = (tenant.version, tenancy.settings_of(*id).await);
    Ok(Json(TenantView::of(tenant, settings)).version(version))
}
