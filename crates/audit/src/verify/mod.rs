//! Checking a record: a living tenant's against its tree and the installation's, or an export with nothing else at hand.

mod export;
mod fault;
mod tenant;

pub use export::{ExportReport, verify_export};
pub use fault::{ExportFault, Fault};
pub use tenant::{Signed, TenantReport, Verifier};
