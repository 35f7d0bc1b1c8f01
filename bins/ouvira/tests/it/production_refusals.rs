//! What production refuses to start with, one by one, through the binary: each names its variable, and no other is named.

use std::process::Command;

use serde_json::Value;

use crate::service::ouvira;

/// A `serve` that production starts with, as far as the configuration goes. There is no such database: whoever gets that far is
/// told so.
const GOOD: [(&str, &str); 14] = [
    ("OUVIRA_ENV", "production"),
    ("DATABASE_URL", "postgres://ouvira_app@127.0.0.1:1/ouvira"),
    ("DATABASE_CONTROL_URL", "postgres://ouvira_control@127.0.0.1:1/ouvira"),
    ("SECRET_KEY", "5fC1wQ0o9mWc2d8Zb7nT4xVrLkYpHsGe"),
    ("ENCRYPTION_KEYS", "a:6J0mVb8k4Qm3uYzF2sWqPp0d9RrTtYyUuIiOoPpAaSs="),
    ("ALLOWED_HOSTS", "api.example.com"),
    ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
    ("PUBLIC_URL", "https://api.example.com"),
    ("APP_URL", "https://app.example.com"),
    ("TRUSTED_PROXIES", "10.0.0.0/8"),
    ("SMTP_URL", "smtp://mail.example.com:587"),
    ("MAIL_FROM", "Ouvira <no-reply@example.com>"),
    ("RATE_LIMITS", "on"),
    ("TIME_ZONE", "Europe/Paris"),
];

/// A value of a variable (none: left out) and the variables that are named for it.
const REFUSED: &[(&str, Option<&str>, &[&str])] = &[
    ("DATABASE_URL", None, &["DATABASE_URL"]),
    ("DATABASE_CONTROL_URL", None, &["DATABASE_CONTROL_URL"]),
    ("DATABASE_URL", Some("postgres://127.0.0.1/ouvira"), &["DATABASE_URL"]),
    ("DATABASE_URL", Some("mysql://ouvira_app@127.0.0.1/ouvira"), &["DATABASE_URL"]),
    ("DATABASE_URL", Some("postgres://ouvira_app@db.example/ouvira?sslmode=perhaps"), &["DATABASE_URL"]),
    ("DATABASE_OWNER_URL", Some("postgres://ouvira_owner@127.0.0.1:1/ouvira"), &["DATABASE_OWNER_URL"]),
    ("SECRET_KEY", None, &["SECRET_KEY"]),
    ("SECRET_KEY", Some("tooshort"), &["SECRET_KEY"]),
    ("SECRET_KEY", Some("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &["SECRET_KEY"]),
    ("SECRET_KEY", Some("abcdefgh12345678abcdefgh12345678"), &["SECRET_KEY"]),
    ("SECRET_KEY", Some("change-me-change-me-please-before-deploy"), &["SECRET_KEY"]),
    ("SECRET_KEY", Some("django-insecure-9f2c7a51e0d84b36a1c58f7e3d"), &["SECRET_KEY"]),
    ("ENCRYPTION_KEYS", None, &["ENCRYPTION_KEYS"]),
    ("ENCRYPTION_KEYS", Some("a:c2hvcnQ="), &["ENCRYPTION_KEYS"]),
    ("ENCRYPTION_KEYS", Some("a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), &["ENCRYPTION_KEYS"]),
    ("DEBUG", Some("true"), &["DEBUG"]),
    ("DEBUG", Some("perhaps"), &["DEBUG"]),
    ("ALLOWED_HOSTS", None, &["ALLOWED_HOSTS"]),
    ("ALLOWED_HOSTS", Some(""), &["ALLOWED_HOSTS"]),
    ("ALLOWED_HOSTS", Some("*"), &["ALLOWED_HOSTS"]),
    ("ALLOWED_HOSTS", Some("api.example.com,*"), &["ALLOWED_HOSTS"]),
    ("CORS_ALLOWED_ORIGINS", None, &["CORS_ALLOWED_ORIGINS"]),
    ("CORS_ALLOWED_ORIGINS", Some("*"), &["CORS_ALLOWED_ORIGINS"]),
    ("CORS_ALLOWED_ORIGINS", Some("https://app.example.com,*"), &["CORS_ALLOWED_ORIGINS"]),
    ("CORS_ALLOWED_ORIGINS", Some("https://app.example.com/path"), &["CORS_ALLOWED_ORIGINS"]),
    ("PUBLIC_URL", None, &["PUBLIC_URL"]),
    ("PUBLIC_URL", Some("http://api.example.com"), &["PUBLIC_URL"]),
    ("APP_URL", None, &["APP_URL"]),
    ("APP_URL", Some("http://app.example.com"), &["APP_URL"]),
    ("TRUSTED_PROXIES", None, &["TRUSTED_PROXIES"]),
    ("TRUSTED_PROXIES", Some("the proxy"), &["TRUSTED_PROXIES"]),
    ("TLS_CERTIFICATE", Some("-----BEGIN CERTIFICATE-----"), &["TLS_KEY"]),
    ("TLS_KEY", Some("not a key"), &["TLS_KEY"]),
    ("SMTP_URL", None, &["SMTP_URL"]),
    ("SMTP_URL", Some("http://mail.example.com"), &["SMTP_URL"]),
    ("MAIL_FROM", None, &["MAIL_FROM", "SMTP_URL"]),
    ("RATE_LIMITS", Some("off"), &["RATE_LIMITS"]),
    // Read as local mode, which would need what serves in the background too.
    ("OUVIRA_ENV", Some("prod"), &["OUVIRA_ENV", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL"]),
    ("TIME_ZONE", Some("Mars/Olympus"), &["TIME_ZONE"]),
    ("REDIS_URL", Some("cache.example.com"), &["REDIS_URL"]),
    ("REQUEST_TIMEOUT", Some("0"), &["REQUEST_TIMEOUT"]),
    ("RATE_LIMIT_QUOTAS", Some("logins=5"), &["RATE_LIMIT_QUOTAS"]),
    ("RATE_LIMIT_QUOTAS", Some("login=0"), &["RATE_LIMIT_QUOTAS"]),
];

fn serve(change: impl FnOnce(&mut Command)) -> Value {
    let dir = tempfile::tempdir().unwrap();
    let mut command = ouvira(dir.path());
    change(command.args(["serve", "--json"]).envs(GOOD));
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    serde_json::from_str(said.lines().last().unwrap()).unwrap_or_else(|_| panic!("{command:?}: {said}"))
}

/// The variables that a refusal names: what each of its lines begins with.
fn named(refusal: &Value) -> Vec<String> {
    let lines = refusal["detail"].as_str().unwrap().lines();
    let word = |line: &str| {
        let line = line.trim_start_matches([' ', '-']);
        line.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect::<String>()
    };
    let mut names: Vec<String> = lines.map(word).filter(|word| word.len() > 3).collect();
    names.dedup();
    names
}

#[test]
fn production_refuses_what_is_weak_or_missing_and_names_it() {
    assert_eq!(
        serve(|_| {})["code"],
        "service_unavailable",
        "the good configuration gets as far as the database"
    );
    let mut wrong = Vec::new();
    for (variable, value, names) in REFUSED {
        let refusal = serve(|command| {
            match value {
                None => command.env_remove(variable),
                Some(value) => command.env(variable, value),
            };
        });
        if refusal["code"] != "configuration_invalid" || named(&refusal) != *names {
            wrong.push(format!("{variable}={value:?}: {refusal}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let refusal = serve(|command| {
        for variable in ["SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "SMTP_URL"] {
            command.env_remove(variable);
        }
        command.env("RATE_LIMITS", "off").env("DEBUG", "true");
    });
    let names = named(&refusal);
    for variable in [
        "SECRET_KEY",
        "ENCRYPTION_KEYS",
        "ALLOWED_HOSTS",
        "TRUSTED_PROXIES",
        "SMTP_URL",
        "RATE_LIMITS",
        "DEBUG",
    ] {
        assert!(names.iter().any(|name| name == variable), "{variable}: {refusal}");
    }
    assert!(!refusal.to_string().contains("5fC1wQ0o9mWc2d8Zb7nT4xVrLkYpHsGe"), "no secret is repeated");
}
