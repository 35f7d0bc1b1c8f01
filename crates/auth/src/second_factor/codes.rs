//! Backup codes in stock.

use ouvira_common::{db::Tx, id::UserId};

use crate::{
    Auth,
    model::{BACKUP_CODES, BackupCode},
    store::backup_codes,
};

/// Ten backup codes, to be shown once.
#[derive(Clone)]
pub struct BackupCodes(Vec<String>);

impl std::fmt::Debug for BackupCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BackupCodes(…)")
    }
}

impl BackupCodes {
    /// As they are shown.
    pub(crate) fn of(codes: &[BackupCode]) -> Self {
        Self(codes.iter().map(BackupCode::shown).collect())
    }

    /// The codes themselves.
    pub fn expose(&self) -> &[String] {
        &self.0
    }
}

impl Auth {
    /// New codes for `user`; former ones are void.
    pub(super) fn issue_backup_codes(&self, tx: &mut Tx, user: UserId) -> BackupCodes {
        let key = tx.context().tenant().data_key.clone();
        let codes: Vec<BackupCode> =
            (0..BACKUP_CODES).map(|_| BackupCode::generate(&*self.entropy)).collect();
        let hashes: Vec<_> = codes.iter().map(|code| code.hash(&key, user.0)).collect();
        backup_codes::replace(tx, user, &hashes);
        BackupCodes::of(&codes)
    }
}
