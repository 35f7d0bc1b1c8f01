//! SMS through Twilio's Programmable Messaging.

use std::time::Duration;

use async_trait::async_trait;
use ouvira_common::ports::{DeliveryError, Sms, SmsSender};
use reqwest::{Client, StatusCode};
use serde::Deserialize;

use super::{SetupError, web};
use crate::config::TwilioConfig;

/// How long Twilio may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends SMS as one account.
#[derive(Debug, Clone)]
pub(super) struct TwilioSms {
    client: Client,
    config: TwilioConfig,
    messages: String,
}

/// What Twilio says of an error. Its text is left out: it repeats the number.
#[derive(Deserialize)]
struct Refusal {
    code: Option<u32>,
}

impl TwilioSms {
    /// A sender for the account of `config`.
    pub(super) fn new(config: &TwilioConfig) -> Result<Self, SetupError> {
        Self::with_patience(config, PATIENCE)
    }

    fn with_patience(config: &TwilioConfig, patience: Duration) -> Result<Self, SetupError> {
        let client = web::client(patience).map_err(|error| SetupError::new("TWILIO_BASE_URL", error))?;
        let messages =
            format!("{}/2010-04-01/Accounts/{}/Messages.json", config.base_url, config.account_sid);
        Ok(Self { client, config: config.clone(), messages })
    }

    /// The parameter that names the sender: a messaging service has an id of its own form.
    fn sender(&self) -> &'static str {
        let from = &self.config.from;
        let service =
            from.len() == 34 && from.starts_with("MG") && from[2..].chars().all(|c| c.is_ascii_hexdigit());
        if service { "MessagingServiceSid" } else { "From" }
    }
}

#[async_trait]
impl SmsSender for TwilioSms {
    async fn send(&self, sms: &Sms) -> Result<(), DeliveryError> {
        let form = [("To", sms.to.as_str()), (self.sender(), &self.config.from), ("Body", &sms.text)];
        let request = self
            .client
            .post(&self.messages)
            .basic_auth(&self.config.account_sid, Some(self.config.auth_token.expose()))
            .form(&form);
        let response = request
            .send()
            .await
            .map_err(|error| DeliveryError::Transient(format!("Twilio: {}", web::reason(&error))))?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let code = web::json::<Refusal>(response).await.and_then(|refusal| refusal.code);
        let code = code.map(|code| format!(", error {code}")).unwrap_or_default();
        let reason = format!("Twilio: HTTP {}{code}", status.as_u16());
        Err(if is_about_the_message(status) {
            DeliveryError::Permanent(reason)
        } else {
            DeliveryError::Transient(reason)
        })
    }
}

/// Whether an error will be the same next time. A wrong password of ours is not: it can be put right.
fn is_about_the_message(status: StatusCode) -> bool {
    let passing = [StatusCode::UNAUTHORIZED, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_client_error() && !passing.contains(&status)
}

#[cfg(test)]
mod tests {
    use ouvira_common::{secret::Secret, text::Phone};

    use super::{
        super::answering::{Answer, Answering},
        *,
    };
    use crate::config::WebAddress;

    fn sms() -> Sms {
        let to = Phone::parse("/to", "+33612345678").unwrap();
        Sms { to, text: "123456 & more".to_owned(), data: serde_json::Map::new() }
    }

    fn sender(server: &Answering, from: &str) -> TwilioSms {
        let config = TwilioConfig {
            base_url: WebAddress::parse(&server.url()).unwrap(),
            account_sid: "AC123".to_owned(),
            auth_token: Secret::new("hunter2"),
            from: from.to_owned(),
        };
        TwilioSms::with_patience(&config, Duration::from_millis(300)).unwrap()
    }

    async fn answer_to(answer: Answer) -> Result<(), DeliveryError> {
        let server = Answering::start(answer).await;
        sender(&server, "+15550006789").send(&sms()).await
    }

    #[tokio::test]
    async fn a_message_is_posted_as_the_account() {
        let server = Answering::start(Answer::json(201, r#"{"sid": "SM1"}"#)).await;
        sender(&server, "+15550006789").send(&sms()).await.unwrap();
        let service = "MG0123456789abcdef0123456789abcdef";
        sender(&server, service).send(&sms()).await.unwrap();
        let requests = server.requests();
        assert!(
            requests[0].starts_with("POST /2010-04-01/Accounts/AC123/Messages.json HTTP/1.1\r\n"),
            "{}",
            requests[0]
        );
        // AC123:hunter2
        assert!(requests[0].contains("authorization: Basic QUMxMjM6aHVudGVyMg==\r\n"), "{}", requests[0]);
        assert!(
            requests[0].ends_with("\r\n\r\nTo=%2B33612345678&From=%2B15550006789&Body=123456+%26+more"),
            "{}",
            requests[0]
        );
        assert!(requests[1].contains(&format!("MessagingServiceSid={service}&")), "{}", requests[1]);
    }

    #[tokio::test]
    async fn what_is_about_the_message_is_for_good_and_the_rest_is_not() {
        let refused =
            r#"{"code": 21211, "message": "The 'To' number +33612345678 is not valid", "status": 400}"#;
        let error = answer_to(Answer::json(400, refused)).await.unwrap_err();
        assert_eq!(error, DeliveryError::Permanent("Twilio: HTTP 400, error 21211".to_owned()));
        assert!(matches!(answer_to(Answer::json(404, "")).await, Err(DeliveryError::Permanent(_))));
        for status in [401, 408, 429, 500, 503, 302] {
            assert!(
                matches!(answer_to(Answer::json(status, "{}")).await, Err(DeliveryError::Transient(_))),
                "{status}"
            );
        }
    }

    #[tokio::test]
    async fn silence_garbage_and_absence_pass() {
        for answer in [Answer::Silence, Answer::Raw("220 smtp.example.com ESMTP\r\n"), Answer::Raw("")] {
            assert!(matches!(answer_to(answer).await, Err(DeliveryError::Transient(_))), "{answer:?}");
        }
        let gone = Answering::start(Answer::Silence).await;
        let sender = sender(&gone, "+15550006789");
        drop(gone);
        assert!(matches!(sender.send(&sms()).await, Err(DeliveryError::Transient(_))));
    }
}
