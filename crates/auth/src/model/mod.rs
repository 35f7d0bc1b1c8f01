//! Pure types: what codes and tokens are made of, what a device is called. No queries, no clocks.

mod address;
mod backup_code;
mod challenge;
mod device;
mod one_time_token;
mod refresh_token;
mod session;
mod totp;

pub(crate) use address::{AddressHash, SealedAddress};
pub(crate) use backup_code::{BACKUP_CODES, BackupCode};
pub use challenge::{Challenge, ChallengeId, LoginChallengeId};
pub(crate) use challenge::{Code, Purpose};
pub(crate) use device::{Device, device_label, network};
pub(crate) use one_time_token::{OneTimeToken, TokenPurpose};
pub(crate) use refresh_token::{REFRESH_SECRET, RefreshToken};
pub(crate) use session::EndReason;
pub use session::Session;
pub(crate) use totp::TotpSecret;
