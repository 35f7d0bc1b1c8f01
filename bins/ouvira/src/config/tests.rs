use std::{collections::BTreeSet, fs};

use super::*;

/// A configuration that production starts with.
const PRODUCTION: &[(&str, &str)] = &[
    ("OUVIRA_ENV", "production"),
    ("PUBLIC_URL", "https://api.example.com"),
    ("APP_URL", "https://app.example.com"),
    ("ALLOWED_HOSTS", "api.example.com,*.example.com"),
    ("CORS_ALLOWED_ORIGINS", "https://app.example.com"),
    ("TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7"),
    ("SECRET_KEY", "pB8qFq6mG1kz0mXv0cX3bN4t4Jw2oYl7zQe9sR5uHdA="),
    ("ENCRYPTION_KEYS", "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("DATABASE_URL", "postgres://ouvira_app:hunter2@db/ouvira"),
    ("DATABASE_CONTROL_URL", "postgres://ouvira_control@db/ouvira"),
    ("SMTP_URL", "smtps://mail:hunter2@smtp.example.com"),
    ("MAIL_FROM", "Ouvira <no-reply@example.com>"),
];

fn load(purpose: Purpose, base: &[(&str, &str)], changes: &[(&str, &str)]) -> Result<Config, Mistakes> {
    Config::load(purpose, |name| {
        let found = changes.iter().chain(base).find(|(variable, _)| *variable == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

fn refused(purpose: Purpose, base: &[(&str, &str)], changes: &[(&str, &str)]) -> Mistakes {
    load(purpose, base, changes).expect_err("this configuration is wrong")
}

#[test]
fn an_empty_environment_is_a_developers_machine() {
    let config = load(Purpose::Serve, &[], &[]).unwrap();
    assert_eq!(config.mode, Mode::Local);
    assert_eq!(config.http.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(config.http.public_url.as_str(), "http://localhost:8000");
    assert!(config.database.is_unnamed() && config.limits.enabled && config.keys.secret.is_none());
    assert!(config.http.allowed_hosts.allows("anything.example"));
    assert!(config.http.cors_origins.allows(&config.http.app_url.origin()));
    assert!(
        config.delivery.smtp.is_none()
            && config.delivery.twilio.is_none()
            && config.delivery.turnstile.is_none()
    );
}

#[test]
fn every_mistake_is_named_at_once() {
    let mistakes = refused(
        Purpose::Serve,
        &[],
        &[
            ("OUVIRA_ENV", "staging"),
            ("DEBUG", "yes"),
            ("BIND_ADDRESS", "8000"),
            ("TIME_ZONE", "Europe/Berlyn"),
            ("SCHEDULES", "tenants.finish=0 5 * * *; tenants.finish=daily"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
            ("METRICS_ADDRESS", "on"),
            ("RATE_LIMITS", "no"),
            ("TWILIO_FROM", "+15550006789"),
            ("SMTP_URL", "https://smtp.example.com"),
            ("DATABASE_URL", "mysql://db"),
        ],
    );
    let named: BTreeSet<&str> = mistakes.variables().into_iter().collect();
    assert_eq!(
        named,
        BTreeSet::from([
            "OUVIRA_ENV",
            "DEBUG",
            "BIND_ADDRESS",
            "TIME_ZONE",
            "SCHEDULES",
            "TRUSTED_PROXIES",
            "METRICS_ADDRESS",
            "RATE_LIMITS",
            "TWILIO_ACCOUNT_SID",
            "TWILIO_AUTH_TOKEN",
            "SMTP_URL",
            "DATABASE_URL",
        ])
    );
    assert!(
        mistakes.to_string().contains("OUVIRA_ENV: must be local or production, not \"staging\""),
        "{mistakes}"
    );
}

#[test]
fn production_refuses_each_weakness_by_name() {
    load(Purpose::Serve, PRODUCTION, &[]).unwrap();
    for (variable, value) in [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "too-short"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("ENCRYPTION_KEYS", ""),
        ("ENCRYPTION_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("DEBUG", "true"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("CORS_ALLOWED_ORIGINS", ""),
        ("CORS_ALLOWED_ORIGINS", "https://app.example.com,*"),
        ("PUBLIC_URL", "http://api.example.com"),
        ("APP_URL", ""),
        ("TRUSTED_PROXIES", ""),
        ("SMTP_URL", ""),
        ("DATABASE_URL", ""),
        ("DATABASE_CONTROL_URL", ""),
        ("DATABASE_OWNER_URL", "postgres://ouvira_owner@db/ouvira"),
        ("RATE_LIMITS", "off"),
        ("AUDIT_CHECKPOINT_S3_ENDPOINT", "http://s3.example.com"),
    ] {
        let mistakes = refused(Purpose::Serve, PRODUCTION, &[(variable, value)]);
        assert_eq!(mistakes.variables(), [variable], "{variable}={value}: {mistakes}");
    }
    let nothing = refused(Purpose::Serve, &[("OUVIRA_ENV", "production")], &[]);
    assert_eq!(nothing.variables().len(), 10, "{nothing}");
}

#[test]
fn tls_of_its_own_needs_no_proxy_and_both_halves() {
    let certificate = ("TLS_CERTIFICATE", "-----BEGIN CERTIFICATE-----\n…");
    let key = ("TLS_KEY", "-----BEGIN PRIVATE KEY-----\n…");
    assert!(
        load(Purpose::Serve, PRODUCTION, &[("TRUSTED_PROXIES", ""), certificate, key])
            .unwrap()
            .http
            .tls
            .is_some()
    );
    assert_eq!(refused(Purpose::Serve, PRODUCTION, &[certificate]).variables(), ["TLS_KEY"]);
    assert_eq!(refused(Purpose::Serve, PRODUCTION, &[key]).variables(), ["TLS_CERTIFICATE"]);
}

#[test]
fn checkpoints_go_to_one_place_with_a_whole_pair() {
    let bucket = ("AUDIT_CHECKPOINT_S3_URL", "s3://records/ouvira");
    let key = ("AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID", "AKIA");
    let secret = ("AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY", "hunter2");
    let config = load(Purpose::Serve, PRODUCTION, &[bucket, key, secret]).unwrap();
    assert_eq!(
        config.sealing.bucket.as_ref().map(ToString::to_string).as_deref(),
        Some("s3://records/ouvira")
    );
    assert!(config.sealing.access.credentials.is_some() && !format!("{config:?}").contains("hunter2"));
    let wrong = |changes: &[(&str, &str)]| refused(Purpose::Serve, PRODUCTION, changes).variables().join(" ");
    assert_eq!(wrong(&[bucket, key]), "AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY");
    assert_eq!(wrong(&[bucket, secret]), "AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID");
    assert_eq!(wrong(&[bucket, ("AUDIT_CHECKPOINT_DIR", "/mnt/witness")]), "AUDIT_CHECKPOINT_S3_URL");
    assert_eq!(wrong(&[("AUDIT_CHECKPOINT_S3_URL", "https://records")]), "AUDIT_CHECKPOINT_S3_URL");
    assert_eq!(wrong(&[bucket, ("AUDIT_CHECKPOINT_S3_REGION", "EU west")]), "AUDIT_CHECKPOINT_S3_REGION");
}

#[test]
fn each_command_needs_only_its_own_connection_strings() {
    let production = &[("OUVIRA_ENV", "production")];
    assert_eq!(refused(Purpose::Migrate, production, &[]).variables(), ["DATABASE_OWNER_URL"]);
    load(Purpose::Migrate, production, &[("DATABASE_OWNER_URL", "postgres://ouvira_owner@db/ouvira")])
        .unwrap();
    load(Purpose::Look, production, &[]).unwrap();

    let worker = refused(Purpose::Worker, PRODUCTION, &[]);
    assert_eq!(worker.variables(), ["DATABASE_WORKER_URL", "DATABASE_OWNER_URL"]);

    let local = refused(Purpose::Serve, &[("DATABASE_URL", "postgres://ouvira_app@db/ouvira")], &[]);
    assert_eq!(local.variables(), ["DATABASE_CONTROL_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL"]);
    assert!(
        local
            .to_string()
            .contains("role ouvira_control; a private database is started only when none is named")
    );
}

#[test]
fn a_value_may_come_from_a_file_but_not_from_both() {
    let path = std::env::temp_dir().join(format!("ouvira-secret-{}", std::process::id()));
    fs::write(&path, "pB8qFq6mG1kz0mXv0cX3bN4t4Jw2oYl7zQe9sR5uHdA=\n").unwrap();
    let file = ("SECRET_KEY_FILE", path.to_str().unwrap());
    let without: Vec<_> = PRODUCTION.iter().copied().filter(|(name, _)| *name != "SECRET_KEY").collect();
    let config = load(Purpose::Serve, &without, &[file]).unwrap();
    assert_eq!(config.keys.secret.unwrap().expose().len(), 44);
    assert_eq!(refused(Purpose::Serve, PRODUCTION, &[file]).variables(), ["SECRET_KEY"]);
    fs::remove_file(&path).unwrap();
    let gone = refused(Purpose::Serve, &without, &[file]);
    assert!(
        gone.variables() == ["SECRET_KEY"] && gone.to_string().contains("SECRET_KEY_FILE cannot be read"),
        "{gone}"
    );
}

#[test]
fn no_secret_is_shown() {
    let secrets =
        [("TWILIO_ACCOUNT_SID", "AC1"), ("TWILIO_AUTH_TOKEN", "hunter2"), ("TWILIO_FROM", "+15550006789")];
    let config = load(Purpose::Serve, PRODUCTION, &secrets).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("pB8qFq6"), "{shown}");
    let of = |name| config.settings().iter().find(|setting| setting.name == name).unwrap().clone();
    assert_eq!(of("SECRET_KEY"), Setting { name: "SECRET_KEY", value: Some("set".into()), given: true });
    assert_eq!(of("REDIS_URL"), Setting { name: "REDIS_URL", value: None, given: false });
    assert_eq!(of("TIME_ZONE"), Setting { name: "TIME_ZONE", value: Some("UTC".into()), given: false });

    let wrong = [
        ("DATABASE_URL", "postgres//hunter2"),
        ("REDIS_URL", "hunter2"),
        ("ENCRYPTION_KEYS", "hunter2"),
        ("SMTP_URL", "hunter2"),
    ];
    let mistakes = refused(Purpose::Serve, &[], &wrong);
    assert!(!mistakes.to_string().contains("hunter2"), "{mistakes}");
}

#[test]
fn the_example_file_has_every_variable_with_its_default() {
    let example = include_str!("../../../../.env.example");
    // `NAME=value`, or `#NAME=` for one that is left out by default; prose has a space after its `#`.
    let written: Vec<(&str, &str)> = example
        .lines()
        .filter_map(|line| line.strip_prefix('#').unwrap_or(line).split_once('='))
        .filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .collect();
    let config = load(Purpose::Look, &[], &[]).unwrap();
    let read: Vec<(&str, &str)> = config
        .settings()
        .iter()
        .map(|setting| (setting.name, setting.value.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(written, read);
}
