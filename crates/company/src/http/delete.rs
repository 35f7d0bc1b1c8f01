use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::{
    http::{IfMatch, NoContent, PathId, Problem, SignedIn},
    id::CompanyId,
};

use crate::Companies;

#[api_operation(
    operation_id = "delete_company",
    summary = "Delete a company; it can be restored for thirty days",
    tag = "company"
)]
pub(super) async fn delete(
    caller: SignedIn,
    companies: Data<Companies>,
    id: PathId<CompanyId>,
    version: IfMatch,
) -> Result<NoContent, Problem> {
    companies.delete(&caller, *id, version.0).await?;
    Ok(NoContent)
}
