//! What `fuzz/` throws anything at: each function takes what a stranger may send and panics when it does what it never may.

use std::sync::Arc;

use async_trait::async_trait;
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::DateTime;
use ouvira_common::{
    id::TenantId,
    ports::{KeyError, SigningKey, SigningKeys},
    sealing::DataKey,
    secret::Secret,
    settings::TenantSettings,
    text::{Address, Email, Phone},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    AccessTokens, Audience,
    model::{BackupCode, OneTimeToken, RefreshToken, TokenPurpose, device_label},
    password::NewPassword,
};

const ISSUER: &str = "https://api.example.com";
/// A key that everybody knows.
const SEED: [u8; 32] = [7; 32];
/// Its public half.
const PUBLIC: [u8; 32] = [
    234, 74, 108, 99, 226, 156, 82, 10, 190, 245, 80, 123, 19, 46, 197, 249, 149, 71, 118, 174, 190, 190,
    123, 146, 66, 30, 234, 105, 20, 70, 210, 44,
];
/// What stands before the seed of an Ed25519 key (RFC 8410 §7).
const PKCS8: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

fn key() -> DataKey {
    DataKey::from_bytes(TenantId(Uuid::from_u128(1)), SEED)
}

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time of this century")
}

struct OneKey(Arc<[SigningKey]>);

#[async_trait]
impl SigningKeys for OneKey {
    async fn keys(&self) -> Result<Arc<[SigningKey]>, KeyError> {
        Ok(Arc::clone(&self.0))
    }
}

/// A verifier of access tokens with one key.
pub struct Verifier(AccessTokens);

impl Default for Verifier {
    fn default() -> Self {
        let body = STANDARD.encode([&PKCS8[..], &SEED].concat());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let key = SigningKey { kid: "k1".to_owned(), private_pem: Secret::new(pem), public: PUBLIC };
        Self(AccessTokens::new(ISSUER, Arc::new(OneKey(Arc::new([key])))))
    }
}

impl Verifier {
    /// Nothing that nobody signed is a token.
    pub async fn unsigned(&self, token: &str) {
        for audience in [Audience::Tenant, Audience::Operator] {
            assert!(self.0.verify_for(audience, token, now()).await.is_err(), "{token}");
        }
    }

    /// What our own key signed passes only when it says what a token says. `text` is a header and claims, split at the first
    /// NUL.
    pub async fn signed(&self, text: &str) {
        let Some((header, claims)) = text.split_once('\0') else { return };
        let Ok(ring) = self.0.ring().await else { return };
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let Ok(signature) = ring.sign(message.as_bytes()) else { return };
        let token = format!("{message}.{signature}");
        let Ok(accepted) = self.0.verify_for(Audience::Tenant, &token, now()).await else { return };
        let header: serde_json::Value = serde_json::from_str(header).expect("it was understood");
        let claims: serde_json::Value = serde_json::from_str(claims).expect("it was understood");
        assert_eq!(header, serde_json::json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "k1"}));
        assert_eq!((&claims["iss"], &claims["aud"]), (&ISSUER.into(), &"ouvira".into()));
        assert_eq!(claims["exp"].as_i64(), Some(accepted.expires_at.timestamp()));
        assert!(accepted.expires_at > now() && claims["nbf"].as_i64() <= Some(now().timestamp() + 30));
        assert_eq!(claims["tid"], accepted.tenant.to_string());
        assert_eq!(claims["sid"], accepted.session.to_string());
    }
}

/// A refresh token has one spelling, and without the session's secret it is not authentic.
pub fn refresh_token(text: &str) {
    let Some(token) = RefreshToken::parse(&Secret::new(text)) else { return };
    assert_eq!(token.text().expose(), text);
    assert!(token.n > 0 && !token.is_authentic(&key(), b"a secret that nobody has"));
    let ours = RefreshToken::make(&key(), b"secret", token.session, token.n);
    assert!(ours.is_authentic(&key(), b"secret"));
}

/// Nothing that was not made with the tenant's key is a token that works once, nor a backup code of another spelling.
pub fn single_use(text: &str) {
    let secret = Secret::new(text);
    for purpose in [TokenPurpose::Signup, TokenPurpose::PasswordReset, TokenPurpose::EmailVerification] {
        assert!(OneTimeToken::parse(&secret, purpose, &key()).is_none(), "{text}");
    }
    if let Some(code) = BackupCode::typed(&secret) {
        let again = BackupCode::typed(&Secret::new(code.shown())).expect("what is shown can be typed");
        let hash = |code: &BackupCode| code.hash(&key(), Uuid::nil());
        assert_eq!(hash(&again), hash(&code));
    }
}

/// What is taken for a phone number is one in E.164, and stays itself.
pub fn phone(text: &str) {
    let Ok(phone) = Phone::parse("/phone", text) else { return };
    let digits = phone.as_str().strip_prefix('+').expect("an international number");
    assert!(
        (4..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit()),
        "{digits}"
    );
    let again = Phone::parse("/phone", phone.as_str()).expect("what was taken is taken again");
    assert_eq!(again.as_str(), phone.as_str());
    assert_ne!(phone.country_code(), 0, "{digits}");
}

/// What is taken for an address, or for what somebody signs in with, stays itself, and is no way into a header.
pub fn address(text: &str) {
    if let Ok(email) = Email::parse("/email", text) {
        assert!(!email.as_str().contains(['\r', '\n', '\0', ' ', '<', '>']), "{text}");
        let again = Email::parse("/email", email.as_str()).expect("what was taken is taken again");
        assert_eq!((again.as_str(), again.folded()), (email.as_str(), email.folded()));
    }
    if let Ok(address) = Address::parse("/identifier", text) {
        let again = Address::parse("/identifier", address.as_str()).expect("what was taken is taken again");
        assert_eq!(again.folded(), address.folded());
    }
}

/// A `User-Agent` is anything.
pub fn user_agent(text: &str) {
    assert!(device_label(Some(text)).is_none_or(|label| label.len() < 40));
}

/// A new password is anything, and judging it ends.
pub fn password(text: &str) {
    let parsed = NewPassword::parse("/password", &Secret::new(text), &TenantSettings::default());
    let Ok(password) = parsed else { return };
    let _ = password.knowing(["Acme", "ada@example.com"]).judge();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_token_that_is_right_passes_so_the_others_fail_for_what_is_wrong_with_them() {
        let header = r#"{"typ":"at+jwt","alg":"EdDSA","kid":"k1"}"#;
        let claims = r#"{"iss":"https://api.example.com","aud":"ouvira","sub":"0190a8f0-0000-7000-8000-000000000000","client_id":"ouvira","exp":1800000900,"iat":1800000000,"nbf":1800000000,"jti":"0190a8f0-0000-7000-8000-000000000001","tid":"0190a8f0-0000-7000-8000-000000000002","sid":"0190a8f0-0000-7000-8000-000000000003","kind":"user","amr":["pwd"],"auth_time":1800000000}"#;
        let verifier = Verifier::default();
        let ring = verifier.0.ring().await.unwrap();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let token = format!("{message}.{}", ring.sign(message.as_bytes()).unwrap());
        assert!(verifier.0.verify_for(Audience::Tenant, &token, now()).await.is_ok());
        verifier.signed(&format!("{header}\0{claims}")).await;
    }
}
