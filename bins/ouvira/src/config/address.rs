//! Addresses of the web that a deployment is known by.

use std::fmt;

use reqwest::Url;

use super::source::Refusal;

/// An `http` or `https` address without query and without a slash at the end, to which paths are appended.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WebAddress(Url);

impl WebAddress {
    /// Parses an address.
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let refused = || "must be an address such as https://app.example.com".to_owned();
        let url = Url::parse(text).map_err(|_| refused())?;
        let plain = url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let web =
            matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
        if plain && web { Ok(Self(url)) } else { Err(refused()) }
    }

    /// The address, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The address of `path` below it, with `token` in the query.
    pub(crate) fn with_token(&self, path: &str, token: &str) -> String {
        let mut url = self.0.clone();
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url.query_pairs_mut().append_pair("token", token);
        url.into()
    }

    /// Scheme, host and port (RFC 6454), as browsers send it in `Origin`.
    pub(crate) fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it is nothing more than that.
    pub(super) fn is_origin(&self) -> bool {
        self.0.path() == "/"
    }

    /// The host's name, without port.
    pub(crate) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether it is reached over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_tokens_are_appended() {
        let address = WebAddress::parse("https://app.example.com/base/").unwrap();
        assert_eq!(address.as_str(), "https://app.example.com/base");
        assert_eq!(
            address.with_token("/email/verify", "a b&c"),
            "https://app.example.com/base/email/verify?token=a+b%26c"
        );
        assert_eq!(address.origin(), "https://app.example.com");
        for text in [
            "app.example.com",
            "ftp://a",
            "https://u:p@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
            "https://",
        ] {
            assert!(WebAddress::parse(text).is_err(), "{text}");
        }
    }
}
