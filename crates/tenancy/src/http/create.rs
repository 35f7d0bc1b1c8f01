use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::{
    http::{Accepted, Body, Created, Problem, WireBody},
    secret::Secret,
    tenant::{PlacementMode, TenantState},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    asker::Founder,
    made::Made,
    view::{MadeTenantView, PlacementView},
};
use crate::{NewAdministrator, NewTenant, Tenancy, Tenants};

/// A new tenant.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct CreateTenant {
    /// The name in `X-Tenant` and in host names: 3 to 42 of `a-z`, `0-9` and `-`. It stays.
    slug: String,
    /// The name people read, at most 200 characters.
    name: String,
    /// Where its tables live; `shared` unless given.
    placement: Option<PlacementView>,
    /// Its first user, who owns it.
    admin: FirstAdministrator,
}

/// The first user of a tenant.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(super) struct FirstAdministrator {
    /// E-mail address; counts as verified.
    email: String,
    /// First name, at most 100 characters.
    first_name: Option<String>,
    /// Last name, at most 100 characters.
    last_name: Option<String>,
    /// Without one they set it by mail.
    password: Option<String>,
}

impl WireBody for CreateTenant {}

impl From<CreateTenant> for NewTenant {
    fn from(body: CreateTenant) -> Self {
        let CreateTenant { slug, name, placement, admin } = body;
        let mode = placement.map_or(PlacementMode::Shared, PlacementMode::from);
        let admin = NewAdministrator {
            email: admin.email,
            first_name: admin.first_name,
            last_name: admin.last_name,
            password: admin.password.map(Secret::new),
        };
        Self { slug, name, mode, admin: Some(admin) }
    }
}

#[api_operation(operation_id = "create_tenant", summary = "Make a tenant; for operators", tag = "tenants")]
pub(super) async fn create(
    founder: Founder,
    tenants: Data<Tenants>,
    tenancy: Data<Tenancy>,
    body: Body<CreateTenant>,
) -> Result<Made, Problem> {
    let made = tenants.create(&founder.0.operator()?, body.into_inner().into()).await?;
    let (id, version, state) = (made.tenant.id, made.tenant.version, made.tenant.state);
    let settings = tenancy.settings_of(id).await;
    let view = MadeTenantView::new(made, settings);
    Ok(match state {
        TenantState::Provisioning => Made::Accepted(Accepted(view)),
        _ => Made::Created(Created::at(format!("/api/v1/tenants/{id}"), view).version(version)),
    })
}
