//! A recording fake of every port. What they recorded may hold what a transaction then rolled back; assert on rows where
//! that matters.

mod audit;
mod people;
mod rights;
mod sessions;
mod shell;
mod tenants;

pub use audit::{RecordingAudit, RecordingNotifier};
pub use people::MemoryUsers;
pub use rights::{AllowAll, DenyAll, FixedHolders, FixedRights, RecordingGrants, Told};
pub use sessions::{FakeCredentials, FakeSessions, FixedTokens};
pub use shell::{FixedKeys, NoCaptcha, RecordingMailer, RecordingSms};
pub use tenants::FixedTenants;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a fake has kept.
fn kept<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
