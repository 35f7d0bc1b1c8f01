//! `GET /me`.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Json, Problem, SignedIn, UserView},
    problem::Code,
};
use ouvira_company::http::CompanyView;
use ouvira_tenancy::{Tenancy, http::TenantView};
use schemars::JsonSchema;
use serde::Serialize;

use crate::me::{Me, Myself};

/// Who one is.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Me")]
pub(super) struct MeView {
    /// The user.
    user: UserView,
    /// The tenant.
    tenant: TenantView,
    /// Codes of the roles held in the whole tenant.
    roles: Vec<String>,
    /// Codes of the permissions held in the whole tenant.
    permissions: Vec<String>,
    /// Where they belong; at most a hundred.
    companies: Vec<MyCompany>,
}

/// One of the caller's companies.
#[derive(Debug, Serialize, JsonSchema)]
struct MyCompany {
    /// The company.
    company: CompanyView,
    /// Codes of the roles held there by membership.
    roles: Vec<String>,
    /// Codes of all permissions held there, wherever they come from.
    permissions: Vec<String>,
}

#[api_operation(
    operation_id = "read_me",
    summary = "Who the caller is, and what they may do",
    tag = "account"
)]
pub(super) async fn read(
    caller: SignedIn,
    me: Data<Me>,
    tenancy: Data<Tenancy>,
) -> Result<Json<MeView>, Problem> {
    caller.user()?;
    let Myself { person, roles, permissions, companies } =
        me.read(&caller).await?.ok_or_else(|| Problem::new(Code::TokenInvalid))?;
    let tenant = tenancy.read(&caller, caller.tenant_id()).await?;
    let companies = companies.into_iter().map(|(company, standing)| MyCompany {
        company: CompanyView::from(&company),
        roles: standing.roles,
        permissions: standing.permissions,
    });
    Ok(Json(MeView {
        user: UserView::from(&person),
        tenant: TenantView::from(tenant),
        roles,
        permissions,
        companies: companies.collect(),
    }))
}
