//! HTTP as every domain speaks it: who calls, what was sent, what is answered, how errors are told.
//!
//! A handler names what it needs in its arguments and only translates:
//!
//! ```ignore
//! #[api_operation(operation_id = "create_company", summary = "Create a company", tag = "company")]
//! async fn create(caller: SignedIn, companies: Data<Companies>, body: Body<CreateCompany>) -> Result<Created<CompanyView>, Problem> {
//!     let company = companies.create(&caller, body.0.try_into()?).await?;
//!     Ok(Created::at(format!("/api/v1/company/{}", company.id), CompanyView::from(&company)).version(company.version))
//! }
//! ```

mod admission;
mod answer;
mod body;
mod caller;
mod cursor;
mod decode;
mod detail;
mod document;
mod gatekeeper;
mod if_match;
mod json;
mod login_result;
mod merge_patch;
mod no_store;
mod openapi;
mod origin;
mod paging;
mod path;
mod problem;
mod problems;
mod query;
mod request_id;
mod tenant_name;
mod user;

pub use answer::{Accepted, Created, Json, NoContent};
pub use body::{Body, WireBody};
pub use caller::{Anonymous, Caller, Enrolling, SignedIn};
pub use gatekeeper::{Gatekeeper, GatekeeperDeps};
pub use if_match::IfMatch;
pub use login_result::{LoginResultView, SecondFactor, TokenPairView, TokenType};
pub use merge_patch::{MergePatch, Patch};
pub use no_store::no_store;
pub use openapi::document;
pub use paging::{PageView, Paging};
pub use path::PathId;
pub use problem::Problem;
pub use problems::problems;
pub use query::Parameters;
pub use request_id::request_ids;
pub use user::UserView;
