use actix_web::web::Data;
use apistos::api_operation;
use ouvira_common::http::{Parameters, Problem, SignedIn};

use super::{file::File, report::Report, view::ImportOptions};
use crate::Users;

#[api_operation(
    operation_id = "import_users",
    summary = "Create or update users from a file, with a report for each line",
    tag = "account"
)]
pub(super) async fn import(
    caller: SignedIn,
    users: Data<Users>,
    options: Parameters<ImportOptions>,
    file: File,
) -> Result<Report, Problem> {
    let format = file.format;
    let report = users.import(&caller, format, Box::pin(file.pieces()), options.dry_run()).await?;
    Ok(Report::new(report, caller.locale()))
}
