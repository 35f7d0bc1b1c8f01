//! Making a key, wrapping it, and back.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ouvira_common::{
    entropy::{Entropy, random_bytes},
    ports::SigningKey,
    sealing::{Unsealable, WrappingKeys},
    secret::Secret,
    time::Timestamp,
};
use sha2::{Digest as _, Sha256};

use super::store::KeyRecord;

/// Bound to the key's name: another key does not unwrap in its place.
fn purpose(kid: &str) -> String {
    format!("signing_key:{kid}")
}

/// A new key that signs from `activates_at`. It is named by its thumbprint (RFC 7638 for RFC 8037 keys), so that no two
/// keys ever share a name.
pub(super) fn generate(
    wrapping: &WrappingKeys,
    entropy: &dyn Entropy,
    now: Timestamp,
    activates_at: Timestamp,
) -> KeyRecord {
    let seed: [u8; 32] = random_bytes(entropy);
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are a seed (RFC 8032 §5.1.5)");
    let public: [u8; 32] = pair.public_key().as_ref().try_into().expect("a public key is 32 bytes");
    let pkcs8 = pair.to_pkcs8v1().expect("a key that was just made can be written");
    let kid = thumbprint(&public);
    let (private_key_kid, private_key) = wrapping.wrap(&purpose(&kid), pkcs8.as_ref(), entropy);
    KeyRecord {
        kid,
        private_key,
        private_key_kid,
        public_key: public.to_vec(),
        created_at: now,
        activates_at,
        retires_at: None,
    }
}

fn thumbprint(public: &[u8; 32]) -> String {
    let x = URL_SAFE_NO_PAD.encode(public);
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#)))
}

/// The key as it signs and verifies.
pub(super) fn unwrap(record: &KeyRecord, wrapping: &WrappingKeys) -> Result<SigningKey, Unsealable> {
    let pkcs8 = wrapping.unwrap(&record.private_key_kid, &purpose(&record.kid), &record.private_key)?;
    Ok(SigningKey {
        kid: record.kid.clone(),
        private_pem: Secret::new(pem(&pkcs8)),
        public: record.public_key.as_slice().try_into().map_err(|_| Unsealable)?,
    })
}

/// RFC 7468 §10; a key of 48 bytes fits one line.
fn pem(pkcs8: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
    use ouvira_common::entropy::OsEntropy;
    use serde_json::{Value, json};

    #[test]
    fn a_key_signs_what_its_public_half_verifies() {
        let wrapping = WrappingKeys::single("k1", [7; 32]);
        let now = Timestamp::UNIX_EPOCH;
        let record = generate(&wrapping, &OsEntropy, now, now);
        let key = unwrap(&record, &wrapping).unwrap();

        let signer = EncodingKey::from_ed_pem(key.private_pem.expose().as_bytes()).unwrap();
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &json!({"exp": 4_000_000_000_u64}), &signer);
        let verifier = DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(key.public)).unwrap();
        let claims =
            jsonwebtoken::decode::<Value>(token.unwrap(), &verifier, &Validation::new(Algorithm::EdDSA));
        assert!(claims.is_ok());
    }

    #[test]
    fn a_key_does_not_unwrap_under_another_name_or_by_another_key() {
        let wrapping = WrappingKeys::single("k1", [7; 32]);
        let now = Timestamp::UNIX_EPOCH;
        let record = generate(&wrapping, &OsEntropy, now, now);
        let renamed = KeyRecord { kid: "other".to_owned(), ..record.clone() };
        assert!(unwrap(&renamed, &wrapping).is_err());
        assert!(unwrap(&record, &WrappingKeys::single("k1", [8; 32])).is_err());
        assert!(unwrap(&record, &WrappingKeys::single("k2", [7; 32])).is_err());
    }

    #[test]
    fn the_name_is_the_thumbprint_of_rfc_8037() {
        // RFC 8037, appendix A.3.
        let x = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(thumbprint(&x.try_into().unwrap()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
