//! Tokens that work once. A token is its row's id and a keyed hash of it: whether it is one of ours is known without a look
//! at the database, and the database holds nothing that a token could be made from.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ouvira_common::{
    id::uuid_at,
    sealing::DataKey,
    secret::{Secret, equal},
    time::Timestamp,
};
use uuid::Uuid;

/// What a token is good for; one made for another purpose is not recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenPurpose {
    /// The rest of a sign-up.
    Signup,
    /// A new password.
    PasswordReset,
    /// An e-mail address that was claimed.
    EmailVerification,
}

impl TokenPurpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::PasswordReset => "password_reset",
            Self::EmailVerification => "email_verification",
        }
    }
}

/// An authentic token; whether it still works is for its row to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OneTimeToken {
    pub(crate) id: Uuid,
    pub(crate) purpose: TokenPurpose,
}

impl OneTimeToken {
    pub(crate) fn new_at(now: Timestamp, purpose: TokenPurpose) -> Self {
        Self { id: uuid_at(now), purpose }
    }

    fn mac(&self, key: &DataKey) -> [u8; 32] {
        key.mac("one_time_token", &[self.purpose.as_str().as_bytes(), self.id.as_bytes()])
    }

    /// The token as its holder gets it: 64 characters of base64url.
    pub(crate) fn text(&self, key: &DataKey) -> Secret {
        let mut bytes = self.id.as_bytes().to_vec();
        bytes.extend_from_slice(&self.mac(key));
        Secret::new(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The token behind `text`; `None` when it is none of this tenant's for that purpose.
    pub(crate) fn parse(text: &Secret, purpose: TokenPurpose, key: &DataKey) -> Option<Self> {
        if text.expose().len() != 64 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text.expose()).ok()?;
        let (id, mac) = bytes.split_at_checked(16)?;
        let token = Self { id: Uuid::from_slice(id).ok()?, purpose };
        equal(mac, &token.mac(key)).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use ouvira_common::{entropy::OsEntropy, id::TenantId};

    #[test]
    fn only_the_exact_text_is_a_token() {
        let key = DataKey::generate(TenantId(Uuid::from_u128(1)), &OsEntropy);
        let token =
            OneTimeToken::new_at(DateTime::from_timestamp(1_800_000_000, 0).unwrap(), TokenPurpose::Signup);
        let text = token.text(&key);
        let parse = |text: &str| OneTimeToken::parse(&Secret::new(text), TokenPurpose::Signup, &key);
        assert_eq!(parse(text.expose()), Some(token));
        for at in 0..text.expose().len() {
            let mut forged = text.expose().to_owned();
            let other = if forged.as_bytes()[at] == b'A' { "B" } else { "A" };
            forged.replace_range(at..=at, other);
            assert_eq!(parse(&forged), None, "changed at {at}");
            assert_eq!(parse(&text.expose()[..at]), None, "cut at {at}");
        }
        let stranger = DataKey::generate(TenantId(Uuid::from_u128(2)), &OsEntropy);
        assert_eq!(OneTimeToken::parse(&text, TokenPurpose::Signup, &stranger), None);
    }
}
