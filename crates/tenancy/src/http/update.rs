use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{IfMatch, Json, MergePatch, Patch, PathId, Problem, WireBody},
    id::TenantId,
    problem::{FieldCode, FieldError, FieldErrors},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{asker::Asker, view::TenantView};
use crate::{Tenancy, TenantChanges, Tenants};

/// Changes of a tenant.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(super) struct PatchTenant {
    /// The name people read, at most 200 characters; not null.
    name: Patch<String>,
    /// All its own domains, at most 20; null takes all away.
    domains: Patch<Vec<String>>,
}

impl WireBody for PatchTenant {
    const READ_ONLY: &'static [&'static str] =
        &["id", "slug", "status", "placement", "settings", "created_at", "updated_at", "version"];
}

impl TryFrom<PatchTenant> for TenantChanges {
    type Error = FieldErrors;

    fn try_from(body: PatchTenant) -> Result<Self, FieldErrors> {
        let name = match body.name {
            Patch::Absent => None,
            Patch::Null => return Err(FieldError::new("/name", FieldCode::Required).into()),
            Patch::Value(name) => Some(name),
        };
        Ok(Self { name, domains: body.domains.into_option().map(Option::unwrap_or_default) })
    }
}

#[api_operation(
    operation_id = "patch_tenant",
    summary = "Rename a tenant, give it domains; for operators",
    tag = "tenants"
)]
pub(super) async fn update(
    asker: Asker,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    id: PathId<TenantId>,
    version: IfMatch,
    body: MergePatch<PatchTenant>,
) -> Result<Json<TenantView>, Problem> {
    let ctx = asker.operator_at(*id)?;
    let tenant = tenants.update(&ctx, *id, body.into_inner().try_into()?, version.0).await?;
    let (version, settings) = (tenant.version, tenancy.settings_of(*id).await);
    Ok(Json(TenantView::of(tenant, settings)).version(version))
}
