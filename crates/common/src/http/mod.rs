//! HTTP as every domain speaks it: who calls, what was sent, what is answered, how errors are told.
//!
//! A handler names in its arguments what it needs, and only translates:
//!
//! ```
//! use actix_web::web::Data;
//! use apistos::{api_operation, web::{ServiceConfig, post, resource}};
//! use ouvira_common::http::{Body, Created, Creator, Problem, WireBody};
//! # use ouvira_common::{context::RequestContext, db::DbError, id::CompanyId};
//! # struct Companies;
//! # struct Company { id: CompanyId, name: String, version: i64 }
//! # impl Companies {
//! #     async fn create(&self, ctx: &RequestContext, name: String) -> Result<Company, DbError> {
//! #         Ok(Company { id: CompanyId::new_at(ctx.now()), name, version: 1 })
//! #     }
//! # }
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct CreateCompany {
//!     name: String,
//! }
//!
//! impl WireBody for CreateCompany {
//!     const READ_ONLY: &'static [&'static str] = &["id", "version"];
//! }
//!
//! #[derive(serde::Serialize, schemars::JsonSchema)]
//! struct CompanyView {
//!     id: CompanyId,
//!     name: String,
//!     version: i64,
//! }
//!
//! #[api_operation(operation_id = "create_company", summary = "Create a company", tag = "company")]
//! async fn create(
//!     caller: Creator,
//!     companies: Data<Companies>,
//!     body: Body<CreateCompany>,
//! ) -> Result<Created<CompanyView>, Problem> {
//!     let Company { id, name, version } = companies.create(&caller, body.into_inner().name).await?;
//!     Ok(Created::at(format!("/api/v1/company/{id}"), CompanyView { id, name, version }).version(version))
//! }
//!
//! pub fn routes(config: &mut ServiceConfig) {
//!     config.service(resource("/company").route(post().to(create)));
//! }
//! ```
//!
//! Whatever the order of its arguments, a request is looked at in this order: its tenant, its caller, then path, query,
//! headers and body.

mod admission;
mod answer;
mod body;
mod caller;
pub mod cookies;
mod cursor;
mod decode;
mod detail;
mod finish;
mod gatekeeper;
mod idempotency;
mod if_match;
mod json;
mod login_result;
mod merge_patch;
mod methods;
mod no_store;
mod observer;
mod openapi;
mod operator;
mod origin;
mod paging;
mod path;
mod problem;
mod problem_document;
mod problems;
mod query;
mod registry;
mod request_id;
mod tenant_name;
mod trace_context;
mod user;

pub use answer::{Accepted, Created, Json, NoContent};
pub use body::{Body, WireBody};
pub use caller::{Anonymous, Caller, Enrolling, SignedIn};
pub use finish::finish;
pub use gatekeeper::{Gatekeeper, GatekeeperDeps};
pub use idempotency::{
    AnswerKeeper, AnswerStore, Creator, answers_once, claim, idempotency_key, keep_answers_in,
};
pub use if_match::IfMatch;
pub use login_result::{LoginResultView, SecondFactor, TokenPairView, TokenType};
pub use merge_patch::{MergePatch, Patch};
pub use methods::methods;
pub use no_store::no_store;
pub use observer::{Finished, Observer};
pub use openapi::document;
pub use operator::{EnrollingOperator, OperatorDesk, PlatformVisitor, SignedInOperator};
pub use paging::{PageView, Paging};
pub use path::PathId;
pub use problem::Problem;
pub use problems::{problems, problems_telling};
pub use query::Parameters;
pub use registry::registry_markdown;
pub use request_id::{observed_requests, request_ids};
pub use trace_context::TraceContext;
pub use user::UserView;
