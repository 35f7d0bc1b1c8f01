//! The name of a tenant in `X-Tenant` and in host names.

use std::fmt;

use ouvira_common::problem::{FieldCode, FieldError};

/// Host names that have a meaning of their own, here or to mail and web clients, and names that would pass for ours.
/// Sorted.
const RESERVED: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "catalog",
    "cdn",
    "console",
    "dashboard",
    "dns",
    "docs",
    "email",
    "ftp",
    "health",
    "help",
    "hostmaster",
    "imap",
    "internal",
    "isatap",
    "localhost",
    "login",
    "mail",
    "metrics",
    "mta-sts",
    "ns1",
    "ns2",
    "oauth",
    "operator",
    "operators",
    "ouvira",
    "pop3",
    "postmaster",
    "public",
    "redoc",
    "root",
    "scalar",
    "security",
    "shared",
    "smtp",
    "sso",
    "static",
    "status",
    "support",
    "swagger",
    "system",
    "tenant",
    "tenants",
    "webmail",
    "webmaster",
    "wpad",
    "www",
];

/// A slug: a DNS label of 3 to 42 characters that begins with a letter (RFC 1035 §2.3.1); compared as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// Parses `text`; an error points at `pointer`.
    pub fn parse(pointer: &str, text: &str) -> Result<Self, FieldError> {
        let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let fits = (3..=42).contains(&text.len())
            && text.bytes().all(inner)
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-');
        if fits { Ok(Self(text.to_owned())) } else { Err(FieldError::new(pointer, FieldCode::InvalidFormat)) }
    }

    /// Whether no tenant may have it. `xn--` begins a label in Punycode (RFC 5890 §2.3.1), which reads as another name.
    pub fn is_reserved(&self) -> bool {
        RESERVED.binary_search(&self.0.as_str()).is_ok() || self.0.starts_with("xn--")
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One that was checked when it was stored.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_labels_of_host_names() {
        let long = format!("a{}b", "-".repeat(40));
        for text in ["abc", "a-1", "acme-gmbh", "a0b", long.as_str()] {
            assert!(Slug::parse("/slug", text).is_ok(), "{text}");
        }
        let longer = format!("a{}b", "-".repeat(41));
        for text in
            ["", "ab", "1ab", "-ab", "ab-", "Abc", "a b", "äbc", "a_b", "a.b", "abc\n", longer.as_str()]
        {
            assert!(Slug::parse("/slug", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn some_are_reserved() {
        assert!(RESERVED.is_sorted());
        let reserved = |text| Slug::parse("/slug", text).unwrap().is_reserved();
        assert!(RESERVED.iter().all(|text| reserved(text)));
        assert!(reserved("xn--80ak6aa92e"));
        assert!(!reserved("acme"));
    }
}
