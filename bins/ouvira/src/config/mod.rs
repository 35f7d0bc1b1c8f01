//! Configuration: the environment, `.env`, and files for secrets, read once at the start into one struct a section.
//! Every mistake is named at once, by its variable.

mod address;
mod database;
mod delivery;
mod dot_env;
mod hosts;
mod http;
mod keys;
mod mistakes;
mod observability;
mod production;
mod purpose;
mod sealing;
mod source;
#[cfg(test)]
mod tests;
mod webhooks;
mod worker;

use std::path::PathBuf;

use chrono_tz::Tz;

use self::source::Source;
pub(crate) use self::{
    address::WebAddress,
    database::DatabaseConfig,
    delivery::{DeliveryConfig, SmtpConfig, TurnstileConfig, TwilioConfig},
    hosts::{AllowedHosts, AllowedOrigins},
    http::{HttpConfig, LimitConfig, TlsConfig},
    keys::KeyConfig,
    mistakes::Mistakes,
    observability::{LogFormat, ObservabilityConfig, TraceConfig},
    purpose::Purpose,
    sealing::{SealingConfig, log_origin},
    source::Setting,
    webhooks::WebhookConfig,
    worker::WorkerConfig,
};

/// `OUVIRA_ENV`: how much is taken for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A developer's machine: what is missing is made up, messages go to an inbox.
    Local,
    /// Nothing is made up, and what is weak is refused.
    Production,
}

impl Mode {
    /// The word in `OUVIRA_ENV`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Production => "production",
        }
    }
}

/// Everything that is decided outside of the program.
#[derive(Debug)]
pub(crate) struct Config {
    /// `OUVIRA_ENV`.
    pub(crate) mode: Mode,
    /// `DEBUG`: answers tell more of our own errors. Local only.
    pub(crate) debug: bool,
    /// Addresses, hosts, origins, TLS.
    pub(crate) http: HttpConfig,
    /// Rate limits.
    pub(crate) limits: LimitConfig,
    /// Connection strings.
    pub(crate) database: DatabaseConfig,
    /// Keys of the deployment.
    pub(crate) keys: KeyConfig,
    /// Mail, SMS, captcha.
    pub(crate) delivery: DeliveryConfig,
    /// What is done by the clock.
    pub(crate) worker: WorkerConfig,
    /// Webhooks.
    pub(crate) webhooks: WebhookConfig,
    /// Sealing of the logs.
    pub(crate) sealing: SealingConfig,
    /// Logs and metrics.
    pub(crate) observability: ObservabilityConfig,
    /// `TIME_ZONE`: the zone of a new tenant, and what `/timezone` answers.
    pub(crate) time_zone: Tz,
    /// `DATA_DIR`: where the private database and generated keys live.
    pub(crate) data_dir: PathBuf,
    /// What was read, in order, for `config print`.
    settings: Vec<Setting>,
}

impl Config {
    /// Reads the environment of this process and the file `.env` of the working directory; the environment wins.
    pub(crate) fn from_environment(purpose: Purpose) -> Result<Self, Mistakes> {
        let (variables, mistakes) = dot_env::beside_the_environment();
        Self::read(purpose, &|name| variables.get(name).cloned(), mistakes)
    }

    /// Reads what `env` answers. Names what cannot be read and what `purpose` may not run with, all together.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests have no other way to an environment of their own")
    )]
    pub(crate) fn load(purpose: Purpose, env: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        Self::read(purpose, &env, Mistakes::default())
    }

    fn read(
        purpose: Purpose,
        env: &dyn Fn(&str) -> Option<String>,
        mistakes: Mistakes,
    ) -> Result<Self, Mistakes> {
        let mut source = Source::new(env, mistakes);
        let mode =
            source.choice("OUVIRA_ENV", "local", &[("local", Mode::Local), ("production", Mode::Production)]);
        let mut this = Self {
            mode,
            debug: source.choice("DEBUG", "false", &[("false", false), ("true", true)]),
            http: HttpConfig::read(&mut source, mode),
            limits: LimitConfig::read(&mut source),
            database: DatabaseConfig::read(&mut source, mode),
            keys: KeyConfig::read(&mut source),
            delivery: DeliveryConfig::read(&mut source),
            worker: WorkerConfig::read(&mut source),
            webhooks: WebhookConfig::read(&mut source),
            sealing: SealingConfig::read(&mut source),
            observability: ObservabilityConfig::read(&mut source),
            time_zone: source.or("TIME_ZONE", "UTC", |text| {
                text.parse()
                    .map_err(|_| "must be a time zone of the IANA database, such as Europe/Paris".to_owned())
            }),
            data_dir: source.or("DATA_DIR", ".ouvira", |text| Ok(PathBuf::from(text))),
            settings: Vec::new(),
        };
        let (settings, mut mistakes) = source.finish();
        this.settings = settings;
        purpose.check(&this, &mut mistakes);
        if mode == Mode::Production {
            production::check(&this, purpose, &mut mistakes);
        }
        if mistakes.is_empty() { Ok(this) } else { Err(mistakes) }
    }

    /// What was read, in the order of `.env.example`; of a secret only whether it is set.
    pub(crate) fn settings(&self) -> &[Setting] {
        &self.settings
    }
}
