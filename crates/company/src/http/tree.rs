use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{Json, PathId, Problem, SignedIn},
    id::CompanyId,
};

use super::view::TreeView;
use crate::Companies;

#[api_operation(
    operation_id = "read_company_tree",
    summary = "Read a company with what stands below it, five levels deep",
    tag = "company"
)]
pub(super) async fn tree(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
) -> Result<Json<TreeView>, Problem> {
    let tree = companies.tree(&caller, *id).await?;
    Ok(Json(TreeView::from(&tree)))
}
