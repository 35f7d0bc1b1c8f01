//! What production refuses to start with (H6).

use std::collections::BTreeSet;

use super::{AllowedHosts, AllowedOrigins, Config, Mistakes, Purpose};

/// Least length of `SECRET_KEY` in bytes.
const SECRET_KEY_MIN: usize = 32;

/// Pieces of the keys that documentation and tutorials show, without punctuation.
const EXAMPLES: &[&str] = &[
    "changeme",
    "replaceme",
    "changethis",
    "yoursecret",
    "supersecret",
    "topsecret",
    "mysecret",
    "secretkey",
    "insecure",
    "example",
    "placeholder",
    "development",
    "password",
    "letmein",
    "donotuse",
    "notasecret",
    "0123456789abcdef",
    "abcdefghijklmnop",
];

/// Names everything in `config` that `purpose` may not run with in production.
pub(super) fn check(config: &Config, purpose: Purpose, mistakes: &mut Mistakes) {
    if matches!(purpose, Purpose::Serve | Purpose::Worker | Purpose::Administer) {
        check_keys(config, mistakes);
    }
    if matches!(purpose, Purpose::Serve | Purpose::Worker) {
        check_messages(config, mistakes);
    }
    if config.sealing.is_plain() {
        mistakes.add("AUDIT_CHECKPOINT_S3_ENDPOINT", "must be an https address in production");
    }
    if purpose == Purpose::Serve {
        check_service(config, mistakes);
    }
}

fn check_keys(config: &Config, mistakes: &mut Mistakes) {
    if config.debug {
        mistakes.add("DEBUG", "must be false in production");
    }
    match &config.keys.secret {
        None => mistakes.add("SECRET_KEY", "is missing: 32 random bytes or more (openssl rand -base64 32)"),
        Some(secret) => {
            if let Some(weakness) = weakness(secret.expose()) {
                mistakes.add("SECRET_KEY", weakness);
            }
        }
    }
    if config.keys.encryption.is_none() {
        mistakes.add("ENCRYPTION_KEYS", "is missing: name:key with 32 random bytes in base64");
    }
}

fn check_messages(config: &Config, mistakes: &mut Mistakes) {
    if !config.http.app_url.is_https() {
        mistakes.add("APP_URL", "must be an https address in production");
    }
    if config.delivery.smtp.is_none() {
        mistakes.add("SMTP_URL", "is missing: production sends real mail");
    }
}

fn check_service(config: &Config, mistakes: &mut Mistakes) {
    let http = &config.http;
    if !http.public_url.is_https() {
        mistakes.add("PUBLIC_URL", "must be an https address in production");
    }
    match &http.allowed_hosts {
        AllowedHosts::Any => mistakes.add("ALLOWED_HOSTS", "must not be * in production"),
        AllowedHosts::These(hosts) if hosts.is_empty() => mistakes.add("ALLOWED_HOSTS", "is missing"),
        AllowedHosts::These(_) => {}
    }
    match &http.cors_origins {
        AllowedOrigins::Any => mistakes.add("CORS_ALLOWED_ORIGINS", "must not be * in production"),
        AllowedOrigins::These(origins) if origins.is_empty() => {
            mistakes.add("CORS_ALLOWED_ORIGINS", "is missing");
        }
        AllowedOrigins::These(_) => {}
    }
    if http.tls.is_none() && http.trusted_proxies.is_empty() {
        mistakes.add(
            "TRUSTED_PROXIES",
            "is missing: name the proxy that does TLS, or give TLS_CERTIFICATE and TLS_KEY",
        );
    }
    if !config.limits.enabled {
        mistakes.add("RATE_LIMITS", "must be on in production");
    }
    if config.database.owner.is_some() {
        mistakes
            .add("DATABASE_OWNER_URL", "must not be given to serve: it could step round row-level security");
    }
}

/// Why `key` is no key.
fn weakness(key: &str) -> Option<&'static str> {
    if key.len() < SECRET_KEY_MIN {
        return Some("must be at least 32 bytes long");
    }
    let distinct: BTreeSet<u8> = key.bytes().collect();
    if distinct.len() < 8 || repeats(key.as_bytes()) {
        return Some("must be random: it repeats itself");
    }
    let plain: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    EXAMPLES.iter().any(|example| plain.contains(example)).then_some("must be random: it is a known example")
}

/// Whether `bytes` is a shorter sequence over and over.
fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2).any(|period| bytes[period..] == bytes[..bytes.len() - period])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_keys_are_told_from_random_ones() {
        for key in [
            "short",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abababababababababababababababababab",
            "Zk3v9QpLx7Zk3v9QpLx7Zk3v9QpLx7Zk3v9QpLx7",
            "change-me-change_me please, before you deploy",
            "this-is-an-INSECURE-key-1234567890-qwerty",
            "0123456789abcdef0123456789ABCDEFxyz!",
        ] {
            assert!(weakness(key).is_some(), "{key}");
        }
        for key in
            ["pB8qFq6mG1kz0mXv0cX3bN4t4Jw2oYl7zQe9sR5uHdA=", "9f2c7a51e0d84b36a1c58f7e3d92b640c7e15a8f"]
        {
            assert_eq!(weakness(key), None, "{key}");
        }
    }
}
