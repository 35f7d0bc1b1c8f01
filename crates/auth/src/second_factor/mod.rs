//! The second factor: time-based codes and backup codes.

mod check;
mod codes;
mod confirm;
mod disable;
mod enable;
mod login;
mod renew_codes;

pub(crate) use check::Proof;
pub use check::SecondFactorProof;
pub use codes::BackupCodes;
pub use enable::Enrolment;

use crate::announce::Announcement;

/// Something about the second factor is not as it was.
const CHANGED: Announcement = Announcement {
    notice: "second_factor.changed",
    template: "second_factor_changed",
    path: "/account/security",
};
/// Somebody guessed until the budget was spent.
const GUESSED: Announcement =
    Announcement { notice: "second_factor.guessed", template: "account_locked", path: "/account/sessions" };
