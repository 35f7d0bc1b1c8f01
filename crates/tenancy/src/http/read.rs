use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem},
    id::TenantId,
};

use super::{asker::Asker, view::TenantView};
use crate::{Tenancy, Tenants};

#[api_operation(
    operation_id = "read_tenant",
    summary = "Read one's own tenant; operators read every one",
    tag = "tenants"
)]
pub(super) async fn read(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
) -> Result<Json<TenantView>, Problem> {
    let view = match asker {
        Asker::Operator(_) => TenantView::of(tenants.find(*id).await?, tenancy.settings_of(*id).await),
        Asker::User(caller) => TenantView::from(tenancy.read(&caller, *id).await?),
    };
    let version = view.version;
    Ok(Json(view).version(version))
}
