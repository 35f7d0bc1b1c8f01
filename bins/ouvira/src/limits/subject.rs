//! Who is counted.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use ouvira_common::secret::Secret;
use sha2::Sha256;

use super::{
    policy::Policy,
    store::{Subject, Take},
};

/// Makes subjects that mean nothing without the deployment's secret, and the same on each of its nodes.
#[derive(Clone)]
pub(super) struct Subjects(Hmac<Sha256>);

impl Subjects {
    /// Subjects under a key of their own, derived from `secret`.
    pub(super) fn new(secret: &Secret) -> Self {
        let keyed = |key: &[u8]| Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        let mut key = keyed(secret.expose().as_bytes());
        key.update(b"ouvira rate limits");
        Self(keyed(&key.finalize().into_bytes()))
    }

    /// One of `policy` for whom these parts tell.
    pub(super) fn take(&self, policy: Policy, parts: &[&[u8]]) -> Take {
        let mut mac = self.0.clone();
        for part in [policy.name.as_bytes()].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        let (subject, _) = digest.split_first_chunk().expect("32 bytes begin with 16");
        Take { policy, subject: Subject(*subject) }
    }
}

/// What one client can be told by: its address, of which an IPv6 host has a whole /64 to choose from (RFC 6177).
pub(super) fn network(client: Option<IpAddr>) -> Vec<u8> {
    match client.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.octets().to_vec(),
        Some(IpAddr::V6(address)) => address.octets()[..8].to_vec(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::policy::{ANONYMOUS, USER};

    #[test]
    fn a_client_is_told_by_its_address_or_its_slash_64() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.1"));
    }

    #[test]
    fn subjects_differ_by_secret_policy_and_where_parts_end() {
        let subjects = Subjects::new(&Secret::new("one"));
        let subject = |policy, parts: &[&[u8]]| subjects.take(policy, parts).subject;
        assert_eq!(subject(USER, &[b"ab", b"c"]), subject(USER, &[b"ab", b"c"]));
        assert_ne!(subject(USER, &[b"ab", b"c"]), subject(USER, &[b"a", b"bc"]));
        assert_ne!(subject(USER, &[b"ab"]), subject(ANONYMOUS, &[b"ab"]));
        assert_ne!(subject(USER, &[b"ab"]), Subjects::new(&Secret::new("two")).take(USER, &[b"ab"]).subject);
    }
}
