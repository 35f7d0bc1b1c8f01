//! Captchas by Cloudflare Turnstile.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use ouvira_common::ports::{CaptchaError, CaptchaVerifier};
use reqwest::Client;
use serde::{Deserialize, Serialize};

use super::{SetupError, web};
use crate::config::TurnstileConfig;

/// How long somebody who signs in waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest token that Turnstile makes, in bytes; anything longer is not sent on.
const TOKEN_MAX: usize = 2048;

/// Asks Turnstile whether a token is good. Turnstile takes each token once.
#[derive(Debug, Clone)]
pub(super) struct Turnstile {
    client: Client,
    config: TurnstileConfig,
    /// Host names of the pages that the widget stands on.
    hosts: Vec<String>,
}

#[derive(Serialize)]
struct Question<'a> {
    secret: &'a str,
    response: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remoteip: Option<IpAddr>,
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    action: String,
    #[serde(default, rename = "error-codes")]
    errors: Vec<String>,
}

impl Turnstile {
    /// A verifier that takes tokens made on pages of `hosts`.
    pub(super) fn new(config: &TurnstileConfig, hosts: Vec<String>) -> Result<Self, SetupError> {
        Self::with_patience(config, hosts, PATIENCE)
    }

    fn with_patience(
        config: &TurnstileConfig,
        hosts: Vec<String>,
        patience: Duration,
    ) -> Result<Self, SetupError> {
        let client = web::client(patience).map_err(|error| SetupError::new("TURNSTILE_VERIFY_URL", error))?;
        Ok(Self { client, config: config.clone(), hosts })
    }

    async fn ask(&self, token: &str, ip: Option<IpAddr>) -> Result<Verdict, CaptchaError> {
        let question = Question { secret: self.config.secret.expose(), response: token, remoteip: ip };
        let request = self.client.post(self.config.verify_url.as_str()).form(&question);
        let response = request
            .send()
            .await
            .map_err(|error| CaptchaError::Unavailable(web::reason(&error).to_owned()))?;
        let status = response.status();
        // A refusal may come with a status of its own; what counts is what it says.
        match web::json::<Verdict>(response).await {
            Some(verdict) if !status.is_server_error() => Ok(verdict),
            _ => Err(CaptchaError::Unavailable(format!("HTTP {} without a verdict", status.as_u16()))),
        }
    }
}

#[async_trait]
impl CaptchaVerifier for Turnstile {
    async fn verify(
        &self,
        token: Option<&str>,
        action: &'static str,
        ip: Option<IpAddr>,
    ) -> Result<(), CaptchaError> {
        let token = token
            .filter(|token| !token.is_empty() && token.len() <= TOKEN_MAX)
            .ok_or(CaptchaError::Refused)?;
        let verdict = self.ask(token, ip).await?;
        if let Some(ours) = verdict.errors.iter().find(|error| is_ours(error)) {
            return Err(CaptchaError::Unavailable(ours.clone()));
        }
        let here = self.hosts.iter().any(|host| host.eq_ignore_ascii_case(&verdict.hostname));
        if verdict.success && here && verdict.action == action { Ok(()) } else { Err(CaptchaError::Refused) }
    }

    fn site_key(&self) -> Option<(&'static str, &str)> {
        Some(("turnstile", &self.config.site_key))
    }
}

/// Whether an error is not about the token: nobody can solve a captcha until it is put right.
fn is_ours(error: &str) -> bool {
    ["missing-input-secret", "invalid-input-secret", "bad-request", "internal-error"].contains(&error)
}

#[cfg(test)]
mod tests {
    use ouvira_common::secret::Secret;

    use super::{
        super::answering::{Answer, Answering},
        *,
    };
    use crate::config::WebAddress;

    fn verifier(server: &Answering) -> Turnstile {
        let config = TurnstileConfig {
            verify_url: WebAddress::parse(&format!("{}/siteverify", server.url())).unwrap(),
            site_key: "site".to_owned(),
            secret: Secret::new("hunter2"),
        };
        Turnstile::with_patience(&config, vec!["app.example.com".to_owned()], Duration::from_millis(300))
            .unwrap()
    }

    async fn verdict(answer: Answer) -> Result<(), CaptchaError> {
        let server = Answering::start(answer).await;
        verifier(&server).verify(Some("token"), "login", None).await
    }

    #[tokio::test]
    async fn a_solved_captcha_of_this_page_and_action_passes() {
        let solved =
            r#"{"success": true, "hostname": "app.example.com", "action": "login", "challenge_ts": "…"}"#;
        let server = Answering::start(Answer::json(200, solved)).await;
        let turnstile = verifier(&server);
        let ip = "203.0.113.7".parse().ok();
        assert_eq!(turnstile.verify(Some("to&ken"), "login", ip).await, Ok(()));
        assert_eq!(turnstile.verify(Some("token"), "signup", ip).await, Err(CaptchaError::Refused));
        let requests = server.requests();
        assert!(requests[0].starts_with("POST /siteverify HTTP/1.1\r\n"), "{}", requests[0]);
        assert!(
            requests[0].ends_with("\r\n\r\nsecret=hunter2&response=to%26ken&remoteip=203.0.113.7"),
            "{}",
            requests[0]
        );
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        for answer in [
            r#"{"success": false, "error-codes": ["timeout-or-duplicate"]}"#,
            r#"{"success": true, "hostname": "evil.example", "action": "login"}"#,
            r#"{"success": true, "hostname": "app.example.com"}"#,
            r#"{"success": true}"#,
        ] {
            assert_eq!(verdict(Answer::json(200, answer)).await, Err(CaptchaError::Refused), "{answer}");
        }
        let server = Answering::start(Answer::Silence).await;
        let long = "x".repeat(TOKEN_MAX + 1);
        for token in [None, Some(""), Some(long.as_str())] {
            assert_eq!(verifier(&server).verify(token, "login", None).await, Err(CaptchaError::Refused));
        }
        assert!(server.requests().is_empty(), "no such token is worth a question");
    }

    #[tokio::test]
    async fn a_captcha_that_cannot_be_checked_does_not_pass() {
        for answer in [
            Answer::Silence,
            Answer::Raw("nonsense"),
            Answer::json(200, "<html>"),
            Answer::json(500, r#"{"success": true, "hostname": "app.example.com", "action": "login"}"#),
            Answer::json(200, r#"{"success": false, "error-codes": ["invalid-input-secret"]}"#),
            Answer::json(302, ""),
        ] {
            assert!(matches!(verdict(answer).await, Err(CaptchaError::Unavailable(_))), "{answer:?}");
        }
    }
}
