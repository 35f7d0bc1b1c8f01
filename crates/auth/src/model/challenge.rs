//! One-time codes (NIST 800-63B-4 §3.1.3, ASVS V6.6).

use ouvira_common::{
    define_id,
    entropy::{Entropy, random_below},
    sealing::DataKey,
    secret::{Secret, equal},
    text::Channel,
    time::Timestamp,
};

use super::AddressHash;

define_id!(
    /// A code on its way to an address.
    ChallengeId
);
define_id!(
    /// A login that waits for its second factor.
    LoginChallengeId
);

/// What a code proves an address for; one made for another purpose does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new account.
    Signup,
    /// Another e-mail address for an account.
    EmailChange,
    /// Another phone number for an account.
    PhoneChange,
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::EmailChange => "email_change",
            Self::PhoneChange => "phone_change",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Signup, Self::EmailChange, Self::PhoneChange]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }

    /// A change of what messages by that channel go to.
    pub(crate) const fn change_by(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::EmailChange,
            Channel::Sms => Self::PhoneChange,
        }
    }
}

/// What a caller hears of a code on its way: the same whoever the address belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Names the challenge in the calls that follow.
    pub id: ChallengeId,
    /// The way the code takes.
    pub channel: Channel,
    /// When the code lapses.
    pub expires_at: Timestamp,
    /// From when on another one may be asked for.
    pub resend_at: Timestamp,
}

/// Six digits.
pub(crate) struct Code(Secret);

impl Code {
    pub(crate) fn generate(entropy: &dyn Entropy) -> Self {
        Self(Secret::new(format!("{:06}", random_below(entropy, 1_000_000))))
    }

    /// What somebody typed; anything that is not the code simply does not fit.
    pub(crate) fn typed(code: &Secret) -> Self {
        Self(Secret::new(code.expose().trim()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose()
    }

    /// How it is kept: good for one challenge, purpose and address of one tenant.
    pub(crate) fn hash(
        &self,
        key: &DataKey,
        challenge: ChallengeId,
        purpose: Purpose,
        address: AddressHash,
    ) -> [u8; 32] {
        let parts =
            [challenge.0.as_bytes(), purpose.as_str().as_bytes(), &address.0, self.0.expose().as_bytes()];
        key.mac("otp", &parts)
    }

    pub(crate) fn fits(
        &self,
        kept: &[u8],
        key: &DataKey,
        challenge: ChallengeId,
        purpose: Purpose,
        address: AddressHash,
    ) -> bool {
        equal(&self.hash(key, challenge, purpose, address), kept)
    }
}
