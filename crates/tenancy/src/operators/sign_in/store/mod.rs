//! The catalog's rows of operators who sign in, a file a table or two.

pub(super) mod accounts;
pub(super) mod attempts;
pub(super) mod factors;
mod forgetting;
pub(super) mod sessions;

pub(in crate::operators) use factors::remove as remove_factor;
pub(in crate::operators) use forgetting::{Before, forget};
pub(in crate::operators) use sessions::end_all as end_sessions;
