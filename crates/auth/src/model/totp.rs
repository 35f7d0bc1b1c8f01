//! Time-based codes (RFC 6238, ASVS V6.5).

use ouvira_common::{
    entropy::{Entropy, random_bytes},
    time::Timestamp,
};
use totp_rs::{Builder, Totp};

/// Bytes of a secret: as many as the hash of RFC 4226 §4 recommends.
const SECRET: usize = 20;

/// A secret that an authenticator has, or is about to have.
pub(crate) struct TotpSecret(Vec<u8>);

impl TotpSecret {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(random_bytes::<SECRET>(entropy).to_vec())
    }

    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Thirty seconds, six digits, SHA-1: what every authenticator understands; one step of grace to both sides.
    fn totp(&self, issuer: &str, account: &str) -> Totp {
        // A colon ends the issuer in an otpauth URI.
        Builder::new()
            .with_secret(self.0.clone())
            .with_issuer(Some(issuer.replace(':', " ")))
            .with_account_name(account.replace(':', " "))
            .build()
            .expect("twenty bytes are a secret, and the names have no colon")
    }

    /// What is typed where no camera is at hand.
    pub(crate) fn base32(&self) -> String {
        self.totp("", "").secret().to_base32()
    }

    /// What an authenticator reads from a QR code.
    pub(crate) fn uri(&self, issuer: &str, account: &str) -> String {
        self.totp(issuer, account).to_url().expect("the names are encoded")
    }

    /// The time step that `code` belongs to, if it is one of those around `now`.
    pub(crate) fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let seconds = u64::try_from(now.timestamp()).ok()?;
        let step = self.totp("", "").check(code, seconds)?;
        i64::try_from(step).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890".to_vec());
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(secret.step_of(code, at(seconds)), Some(seconds / 30));
            assert_eq!(secret.step_of(code, at(seconds + 30)), Some(seconds / 30));
            assert_eq!(secret.step_of(code, at(seconds + 60)), None);
        }
        for nonsense in ["", "28708", "2870822", "28708a", "٢٨٧٠٨٢"] {
            assert_eq!(secret.step_of(nonsense, at(59)), None, "{nonsense}");
        }
        assert_eq!(secret.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn a_uri_names_tenant_and_account() {
        let uri =
            TotpSecret::from_bytes(b"12345678901234567890".to_vec()).uri("Acme: Inc", "ada@example.com");
        assert!(uri.starts_with("otpauth://totp/Acme%20%20Inc:ada%40example.com?"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
    }
}
