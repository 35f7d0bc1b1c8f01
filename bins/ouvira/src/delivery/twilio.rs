//! SMS through Twilio's Programmable Messaging.

use std::time::Duration;

use async_trait::async_trait;
use ouvira_common::ports::{DeliveryError, Receipt, Sms, SmsFate, SmsSender};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;

use super::{SetupError, web};
use crate::config::TwilioConfig;

/// How long Twilio may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest id of a message, and the longest word for where it is.
const WORD: usize = 64;

/// Sends SMS as one account.
#[derive(Debug, Clone)]
pub(super) struct TwilioSms {
    client: Client,
    config: TwilioConfig,
    /// Where messages are made; each has its place below.
    messages: String,
}

/// What Twilio says of an error. Its text is left out: it repeats the number.
#[derive(Deserialize)]
struct Refusal {
    code: Option<u32>,
}

/// What Twilio says of a message: its number there, and where it is.
#[derive(Default, Deserialize)]
struct Taken {
    sid: Option<String>,
    status: Option<String>,
    error_code: Option<u32>,
}

impl TwilioSms {
    /// A sender for the account of `config`.
    pub(super) fn new(config: &TwilioConfig) -> Result<Self, SetupError> {
        Self::with_patience(config, PATIENCE)
    }

    fn with_patience(config: &TwilioConfig, patience: Duration) -> Result<Self, SetupError> {
        let client = web::client(patience).map_err(|error| SetupError::new("TWILIO_BASE_URL", error))?;
        let messages = format!("{}/2010-04-01/Accounts/{}/Messages", config.base_url, config.account_sid);
        Ok(Self { client, config: config.clone(), messages })
    }

    /// Sends a request as the account. What is no success is judged.
    async fn ask(&self, request: RequestBuilder) -> Result<Response, DeliveryError> {
        let request =
            request.basic_auth(&self.config.account_sid, Some(self.config.auth_token.expose())).send().await;
        let response =
            request.map_err(|error| DeliveryError::Transient(format!("Twilio: {}", web::reason(&error))))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
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
    async fn send(&self, sms: &Sms) -> Result<Receipt, DeliveryError> {
        let form = [("To", sms.to.as_str()), (self.sender(), &self.config.from), ("Body", &sms.text)];
        let response = self.ask(self.client.post(format!("{}.json", self.messages)).form(&form)).await?;
        // It was taken, whatever else is said: asking again would send it twice.
        let Taken { sid, status, .. } = web::json(response).await.unwrap_or_default();
        Ok(Receipt {
            provider: "twilio",
            reference: sid.filter(|sid| is_word(sid)),
            status: status.filter(|status| is_word(status)),
        })
    }

    async fn fate(&self, reference: &str) -> Result<SmsFate, DeliveryError> {
        let response = self.ask(self.client.get(format!("{}/{reference}.json", self.messages))).await?;
        let Taken { status, error_code, .. } = web::json(response).await.unwrap_or_default();
        let status = status.filter(|status| is_word(status)).unwrap_or_else(|| "unknown".to_owned());
        Ok(match status.as_str() {
            "delivered" | "read" => SmsFate::Delivered,
            "undelivered" | "failed" | "canceled" => {
                let code = error_code.map(|code| format!(", error {code}")).unwrap_or_default();
                SmsFate::Failed(format!("Twilio: {status}{code}"))
            }
            _ => SmsFate::Pending(status),
        })
    }
}

/// What may go into the log, and into an address at Twilio.
fn is_word(text: &str) -> bool {
    (1..=WORD).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
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

    async fn answer_to(answer: Answer) -> Result<Receipt, DeliveryError> {
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
    async fn the_receipt_says_what_twilio_calls_the_message_and_no_address() {
        let taken =
            answer_to(Answer::json(201, r#"{"sid": "SM1", "status": "queued", "to": "+33612345678"}"#));
        let [reference, status] = ["SM1", "queued"].map(|word| Some(word.to_owned()));
        assert_eq!(taken.await, Ok(Receipt { provider: "twilio", reference, status }));
        let nothing = Receipt { provider: "twilio", reference: None, status: None };
        for odd in [r#"{"sid": "../x", "status": "to +33612345678"}"#, "[]", ""] {
            assert_eq!(answer_to(Answer::json(201, odd)).await.as_ref(), Ok(&nothing), "{odd}");
        }
    }

    #[tokio::test]
    async fn what_became_of_a_message_is_asked_for() {
        for (said, fate) in [
            (r#"{"status": "sent"}"#, SmsFate::Pending("sent".to_owned())),
            (r#"{"status": "delivered", "error_code": null}"#, SmsFate::Delivered),
            (
                r#"{"status": "undelivered", "error_code": 30003}"#,
                SmsFate::Failed("Twilio: undelivered, error 30003".to_owned()),
            ),
            ("{}", SmsFate::Pending("unknown".to_owned())),
        ] {
            let server = Answering::start(Answer::json(200, said)).await;
            assert_eq!(sender(&server, "+15550006789").fate("SM1").await, Ok(fate), "{said}");
            let asked = server.requests().remove(0);
            assert!(
                asked.starts_with("GET /2010-04-01/Accounts/AC123/Messages/SM1.json HTTP/1.1\r\n"),
                "{asked}"
            );
        }
        let server = Answering::start(Answer::json(404, "{}")).await;
        let gone = sender(&server, "+15550006789").fate("SM1").await;
        assert!(matches!(gone, Err(DeliveryError::Permanent(_))), "{gone:?}");
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
