//! Every role that users hold, tenant-wide and by membership: one view of all, and one way to give them.

mod assign;
mod give;
mod list;
mod read;
mod take;

pub use give::NewUserRole;
pub use list::UserRoleFilter;
