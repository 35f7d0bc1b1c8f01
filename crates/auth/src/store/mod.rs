//! Everything that is asked of the database: functions over a transaction, a file a table.

pub(crate) mod attempts;
pub(crate) mod backup_codes;
pub(crate) mod challenges;
pub(crate) mod credentials;
pub(crate) mod forgetting;
pub(crate) mod login_challenges;
pub(crate) mod one_time_tokens;
pub(crate) mod sessions;
pub(crate) mod totp_factors;
