use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem, SignedIn},
    id::TenantId,
};

use super::view::TenantView;
use crate::Tenancy;

#[api_operation(operation_id = "read_tenant", summary = "Read one's own tenant", tag = "tenants")]
pub(super) async fn read(
    caller: SignedIn,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let tenant = tenancy.read(&caller, *id).await?;
    let version = tenant.profile.version;
    Ok(Json(TenantView::from(tenant)).version(version))
}
