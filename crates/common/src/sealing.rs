//! Secret fields at rest: sealed with the tenant's data key (AES-256-GCM-SIV, RFC 8452), which is itself stored only wrapped.
//! Destroying the wrapped key destroys the fields.

use std::fmt;

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

use crate::{
    entropy::{Entropy, random_bytes},
    id::TenantId,
};

/// Sealed bytes that do not open: another key, another place, or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value does not open")]
pub struct Unsealable;

/// Where a sealed value stands; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
}

/// A tenant's data key in the clear: in memory only.
#[derive(Clone)]
pub struct DataKey {
    tenant: TenantId,
    bytes: [u8; 32],
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}

const FORMAT: u8 = 1;
const NONCE: usize = 12;

impl DataKey {
    /// A new key for a new tenant.
    pub fn generate(tenant: TenantId, entropy: &dyn Entropy) -> Self {
        Self { tenant, bytes: random_bytes(entropy) }
    }

    /// The key of `tenant` as it came out of its wrapping.
    pub fn from_bytes(tenant: TenantId, bytes: [u8; 32]) -> Self {
        Self { tenant, bytes }
    }

    /// The bytes to be wrapped.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Seals `plain` for `place`: format ‖ nonce ‖ ciphertext.
    pub fn seal(&self, place: Place, plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        seal(&self.bytes, &self.associated(place), plain, entropy)
    }

    /// Opens what was sealed for `place`.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        open(&self.bytes, &self.associated(place), sealed)
    }

    /// A keyed hash (HMAC-SHA-256) of `parts` for `purpose`: how codes and tokens are stored and made. Parts are length-
    /// prefixed, so that no two lists of parts give the same hash.
    pub fn mac(&self, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let subkey = hmac(&self.bytes, &[purpose.as_bytes()]);
        hmac(&subkey, parts)
    }

    fn associated(&self, place: Place) -> Vec<u8> {
        let mut associated = self.tenant.0.as_bytes().to_vec();
        for part in [place.table.as_bytes(), place.column.as_bytes()] {
            associated.extend_from_slice(part);
            associated.push(0);
        }
        associated.extend_from_slice(place.row.as_bytes());
        associated
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn seal(key: &[u8; 32], associated: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let nonce: [u8; NONCE] = random_bytes(entropy);
    let sealed = Aes256GcmSiv::new(&(*key).into())
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: associated })
        .expect("a field is shorter than the cipher's limit of 64 GiB");
    let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
    out.push(FORMAT);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(&sealed);
    out
}

fn open(key: &[u8; 32], associated: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let (&FORMAT, rest) = sealed.split_first().ok_or(Unsealable)? else { return Err(Unsealable) };
    let (nonce, ciphertext) = rest.split_at_checked(NONCE).ok_or(Unsealable)?;
    let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| Unsealable)?;
    Aes256GcmSiv::new(&(*key).into())
        .decrypt(&Nonce::from(nonce), Payload { msg: ciphertext, aad: associated })
        .map_err(|_| Unsealable)
}

/// A key of the deployment that wraps other keys, named by its `kid`.
#[derive(Clone)]
pub struct WrappingKey {
    /// Its name, stored beside what it wrapped.
    pub kid: String,
    bytes: [u8; 32],
}

impl fmt::Debug for WrappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrappingKey({})", self.kid)
    }
}

/// Keys of `ENCRYPTION_KEYS`: the first wraps, all unwrap, so that a new one can be put in front.
#[derive(Debug, Clone)]
pub struct WrappingKeys(Vec<WrappingKey>);

impl WrappingKeys {
    /// `kid:` and 32 bytes in base64 or hex, comma-separated, the current one first.
    pub fn parse(text: &str) -> Result<Self, String> {
        let keys =
            text.split(',').map(|item| WrappingKey::parse(item.trim())).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() { Err("no key is given".to_owned()) } else { Ok(Self(keys)) }
    }

    /// One key, for a deployment on a developer's machine.
    pub fn single(kid: &str, bytes: [u8; 32]) -> Self {
        Self(vec![WrappingKey { kid: kid.to_owned(), bytes }])
    }

    /// The names of the keys, the current one first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.kid.as_str())
    }

    /// Wraps `plain` for `purpose` with the current key; answers its `kid` too.
    pub fn wrap(&self, purpose: &str, plain: &[u8], entropy: &dyn Entropy) -> (String, Vec<u8>) {
        let key = &self.0[0];
        (key.kid.clone(), seal(&key.bytes, purpose.as_bytes(), plain, entropy))
    }

    /// Unwraps what the key `kid` wrapped for `purpose`.
    pub fn unwrap(&self, kid: &str, purpose: &str, wrapped: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let key = self.0.iter().find(|key| key.kid == kid).ok_or(Unsealable)?;
        open(&key.bytes, purpose.as_bytes(), wrapped)
    }
}

impl WrappingKey {
    fn parse(text: &str) -> Result<Self, String> {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let (kid, key) = text.split_once(':').ok_or("a key is written kid:key")?;
        let bytes = STANDARD.decode(key).map_err(|_| format!("key {kid} is not base64"))?;
        let bytes = bytes.try_into().map_err(|_| format!("key {kid} is not 32 bytes"))?;
        if kid.is_empty() {
            Err("a key has no kid".to_owned())
        } else {
            Ok(Self { kid: kid.to_owned(), bytes })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::OsEntropy;
    use proptest::prelude::*;

    const PLACE: Place = Place { table: "totp", column: "secret", row: Uuid::from_u128(7) };

    proptest! {
        #[test]
        fn what_was_sealed_opens_only_at_its_place_and_unchanged(plain: Vec<u8>, at in 0usize..200, bit in 0u8..8) {
            let key = DataKey::generate(TenantId(Uuid::from_u128(1)), &OsEntropy);
            let mut sealed = key.seal(PLACE, &plain, &OsEntropy);
            prop_assert_eq!(key.open(PLACE, &sealed), Ok(plain));
            prop_assert_eq!(key.open(Place { row: Uuid::from_u128(8), ..PLACE }, &sealed), Err(Unsealable));
            let other = DataKey { tenant: TenantId(Uuid::from_u128(2)), ..key.clone() };
            prop_assert_eq!(other.open(PLACE, &sealed), Err(Unsealable));
            let at = at % sealed.len();
            sealed[at] ^= 1 << bit;
            prop_assert_eq!(key.open(PLACE, &sealed), Err(Unsealable));
        }

        #[test]
        fn opening_anything_never_panics(bytes: Vec<u8>) {
            let key = DataKey::from_bytes(TenantId(Uuid::nil()), [7; 32]);
            prop_assert_eq!(key.open(PLACE, &bytes), Err(Unsealable));
        }
    }
}
