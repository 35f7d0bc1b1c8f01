//! Deciding: what a user holds, as a value, and the pure functions over it.
//!
//! [`Facts`] are what one query finds of a user; [`Snapshot`] is what follows from them, laid out so that a question costs
//! a binary search and a bit; [`Caller`] is whoever asks, a user with a snapshot or a pass that needs none.

mod caller;
mod catalogue;
mod evidence;
mod facts;
mod permission_set;
mod snapshot;

pub(crate) use caller::Caller;
pub use catalogue::Catalogue;
pub(crate) use catalogue::SystemPermission;
pub(crate) use evidence::{COMPANY, Evidence, Ground, ObjectFact};
pub use evidence::{ObjectName, Via};
pub(crate) use facts::{CompanyNode, Facts, HeldRole, ObjectRight, RoleFacts};
pub(crate) use permission_set::{PermissionRef, PermissionSet};
pub(crate) use snapshot::Snapshot;
