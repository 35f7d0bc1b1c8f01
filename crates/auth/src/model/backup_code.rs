//! Backup codes: 128 bits each, so a keyed hash is enough to keep them by (NIST 800-63B-4 §3.1.2.2).

use ouvira_common::{
    entropy::{Entropy, random_bytes},
    sealing::DataKey,
    secret::Secret,
};
use uuid::Uuid;

/// How many somebody has at once.
pub(crate) const BACKUP_CODES: usize = 10;

/// One code, in the form in which it is hashed: 32 hexadecimal digits.
pub(crate) struct BackupCode(Secret);

impl BackupCode {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(format!("{:032x}", u128::from_be_bytes(random_bytes(entropy)))))
    }

    /// What somebody typed: case, spaces and hyphens do not matter. `None` when it has another shape.
    pub(crate) fn typed(text: &Secret) -> Option<Self> {
        let digits: String = text
            .expose()
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_lowercase())
            .take(33)
            .collect();
        let whole = digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit());
        whole.then(|| Self(Secret::new(digits)))
    }

    /// As it is shown, once: in groups that can be read aloud.
    pub(crate) fn shown(&self) -> String {
        let digits = self.0.expose();
        [&digits[..8], &digits[8..16], &digits[16..24], &digits[24..]].join("-")
    }

    /// How it is kept, for the user or operator with the id `owner`.
    pub(crate) fn hash(&self, key: &DataKey, owner: Uuid) -> [u8; 32] {
        key.mac("backup_code", &[owner.as_bytes(), self.0.expose().as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ouvira_common::entropy::OsEntropy;

    #[test]
    fn a_code_is_recognised_as_people_type_it() {
        let code = BackupCode::generate(&OsEntropy);
        let shown = code.shown();
        assert_eq!(shown.len(), 35);
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', " "), shown.replace('-', "")] {
            assert_eq!(BackupCode::typed(&Secret::new(typed)).unwrap().0.expose(), code.0.expose());
        }
        for nonsense in [String::new(), shown[1..].to_owned(), format!("{shown}0"), "x".repeat(32)] {
            assert!(BackupCode::typed(&Secret::new(nonsense)).is_none());
        }
    }
}
