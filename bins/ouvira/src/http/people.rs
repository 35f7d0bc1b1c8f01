//! `/users`: as `/account/users`, each with the names of their roles.

use actix_web::web::Data;
use apistos::{ApiComponent, api_operation};
use ouvira_common::http::{
    Body, Created, Creator, Json, PageView, Paging, Parameters, Problem, SignedIn, UserView,
};
use ouvira_identity::http::{CreateUser, UserFilters, view};
use schemars::JsonSchema;
use serde::Serialize;

use crate::people::{People, PersonWithRoles};

/// A user with their roles.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "UserWithRoles")]
pub(super) struct PersonView {
    /// The user.
    #[serde(flatten)]
    user: UserView,
    /// Names of the roles held anywhere in the tenant.
    roles: Vec<String>,
}

impl From<PersonWithRoles> for PersonView {
    fn from(PersonWithRoles { user, roles }: PersonWithRoles) -> Self {
        Self { user: view(&user), roles }
    }
}

#[api_operation(
    operation_id = "list_users_with_roles",
    summary = "List and search the tenant's users, each with their roles",
    tag = "account"
)]
pub(super) async fn list(
    caller: SignedIn,
    people: Data<People>,
    filters: Parameters<UserFilters>,
    paging: Paging,
) -> Result<Json<PageView<PersonView>>, Problem> {
    let page = people.list(&caller, filters.into_inner().into(), &paging.request()).await?;
    Ok(paging.answer(page.map(PersonView::from)))
}

#[api_operation(
    operation_id = "create_user_with_roles",
    summary = "Create a user, who is mailed a link to set a password; answered with their roles",
    tag = "account"
)]
pub(super) async fn create(
    caller: Creator,
    people: Data<People>,
    body: Body<CreateUser>,
) -> Result<Created<PersonView>, Problem> {
    let made = people.create(&caller, body.into_inner().into()).await?;
    let (id, version) = (made.user.id, made.user.version);
    Ok(Created::at(format!("/api/v1/account/users/{id}"), PersonView::from(made)).version(version))
}
