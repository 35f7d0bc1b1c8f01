//! The roles of a membership. The API calls them `user-company-roles`.

mod give;
mod list;
mod read;
mod take;

pub use give::NewMembershipRole;
