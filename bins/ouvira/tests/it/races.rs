//! The same one-time thing used fifty times at once, by the real binary: one winner, in every placement, and on two nodes.

use std::sync::Arc;

use futures_util::future::join_all;
use ouvira_common::time::{Clock as _, SystemClock};
use serde_json::{Value, json};

use crate::service::{Answer, Client, PASSWORD, Service, Tenant};

const AT_ONCE: usize = 50;

/// The same call, as often, at once, by turns at each of these.
async fn at_once(clients: &[Client], path: &str, body: &Value) -> Vec<Answer> {
    let calls = (0..AT_ONCE).map(|number| clients[number % clients.len()].post(path, body.clone()));
    join_all(calls).await
}

/// One of them succeeded, and the others were told this. (Whoever guesses too often is told that, 429.)
#[track_caller]
fn one_winner(answers: Vec<Answer>, status: u16, refusal: &str) -> Value {
    let (mut won, lost): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status.as_u16() == status);
    assert_eq!(won.len(), 1, "{won:?}");
    for answer in lost {
        let code = answer.body["code"].as_str().unwrap_or_default();
        let others = ["rate_limited", "otp_exhausted", "service_unavailable"];
        assert!(code == refusal || others.contains(&code), "{}", answer.body);
    }
    won.remove(0).body
}

/// What an authenticator shows; `steps` of thirty seconds from now.
fn totp(secret: &str, steps: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("ada").build().unwrap();
    let now = u64::try_from(SystemClock.now().timestamp()).unwrap();
    totp.generate(now + 30 * steps).to_string()
}

async fn challenge(somebody: &Client, email: &str) -> Value {
    let login = json!({"identifier": email, "password": PASSWORD});
    let answer = somebody.post("/auth/login", login).await.expect(200);
    assert_eq!(answer["status"], "two_factor_required");
    answer["challenge_id"].clone()
}

/// Somebody with a second factor: its secret and their backup codes.
async fn enrolled(tenant: &Tenant, email: &str) -> (String, Vec<String>) {
    let ada = tenant.sign_up(email).await;
    let enrolment = ada.post("/auth/2fa/enable", json!({"password": PASSWORD})).await.expect(200);
    let secret = enrolment["secret"].as_str().unwrap().to_owned();
    let confirmed = ada.post("/auth/2fa/confirm", json!({"code": totp(&secret, 0)})).await.expect(200);
    (secret, serde_json::from_value(confirmed["backup_codes"].clone()).unwrap())
}

/// The value of that name in the newest message that has one.
async fn sent(service: &Service, to: &str, name: &str) -> Value {
    for _ in 0..500 {
        let request = service.request("GET", "/dev/messages").query(&[("to", to)]);
        let messages = service.send(request).await.expect(200);
        let found =
            messages["items"].as_array().unwrap().iter().find(|message| message["data"][name].is_string());
        if let Some(message) = found {
            return message["data"][name].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no {name} was sent to {to}");
}

#[tokio::test]
async fn codes_tokens_and_links_used_fifty_times_at_once_have_one_winner_in_every_placement() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let nobody = [tenant.anonymous()];
        let (eve, ada) = (format!("eve@{}.example", tenant.slug), format!("ada@{}.example", tenant.slug));

        let begun = nobody[0].post("/auth/signup", json!({"email": eve})).await.expect(202);
        let body = json!({"challenge_id": begun["challenge_id"], "code": sent(&service, &eve, "code").await});
        let verified = at_once(&nobody, "/auth/verify-otp", &body).await;
        let token = one_winner(verified, 200, "challenge_invalid")["signup_token"].clone();
        let body = json!({"signup_token": token, "password": PASSWORD});
        one_winner(at_once(&nobody, "/auth/finalize-signup", &body).await, 201, "signup_token_invalid");

        let (_, codes) = enrolled(&tenant, &ada).await;
        let body = json!({"challenge_id": challenge(&nobody[0], &ada).await, "code": codes[0]});
        let logins = at_once(&nobody, "/auth/login/2fa/backup-code", &body).await;
        let login = one_winner(logins, 200, "challenge_invalid");

        // A lost answer may be asked for again, so all of them get the one successor.
        let body = json!({"refresh_token": login["refresh_token"]});
        let pairs = at_once(&nobody, "/auth/token/refresh", &body).await;
        let mut successors: Vec<_> =
            pairs.into_iter().map(|pair| pair.expect(200)["refresh_token"].to_string()).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1);

        nobody[0].post("/auth/password/forgot", json!({"email": ada})).await.expect(202);
        let token = sent(&service, &ada, "token").await;
        let body = json!({"token": token, "new_password": "poetical science 1844"});
        one_winner(at_once(&nobody, "/auth/password/reset", &body).await, 204, "reset_token_invalid");
    }
}

/// The same second factor in four logins at once.
async fn logins_with(clients: &[Client], path: &str, code: &Value) -> Vec<Answer> {
    let mut logins = Vec::new();
    for client in clients.iter().cycle().take(4) {
        logins.push((client, challenge(client, "ada@example.com").await));
    }
    let tries = logins
        .iter()
        .map(|(client, challenge)| client.post(path, json!({"challenge_id": challenge, "code": code})));
    join_all(tries).await
}

/// Nodes behind one address: the issuer of the tokens that all of them take.
const PUBLIC_URL: (&str, &str) = ("PUBLIC_URL", "http://localhost:8000");

#[tokio::test]
async fn v6_5_1_the_same_at_two_nodes_at_once_has_one_winner() {
    let one = Arc::new(Service::start(&[PUBLIC_URL]).await);
    let tenant = one.tenant("shared");
    let nobody = tenant.anonymous();
    // Each node has an inbox of its own: what is sent is read while there is one.
    let begun = nobody.post("/auth/signup", json!({"email": "eve@example.com"})).await.expect(202);
    let typed =
        json!({"challenge_id": begun["challenge_id"], "code": sent(&one, "eve@example.com", "code").await});
    let (secret, codes) = enrolled(&tenant, "ada@example.com").await;
    tenant.sign_up("bob@example.com").await;
    nobody.post("/auth/password/forgot", json!({"email": "bob@example.com"})).await.expect(202);
    let link = sent(&one, "bob@example.com", "token").await;
    let two = Arc::new(one.another_node(&[PUBLIC_URL]).await);
    let both = [nobody.clone(), nobody.at(&two)];

    let verified = at_once(&both, "/auth/verify-otp", &typed).await;
    let token = one_winner(verified, 200, "challenge_invalid")["signup_token"].clone();
    let body = json!({"signup_token": token, "password": PASSWORD});
    one_winner(at_once(&both, "/auth/finalize-signup", &body).await, 201, "signup_token_invalid");

    // In logins of their own, so that nothing but the code decides.
    let step = json!(totp(&secret, 1));
    one_winner(logins_with(&both, "/auth/login/2fa/totp", &step).await, 200, "otp_invalid");
    let logins = logins_with(&both, "/auth/login/2fa/backup-code", &json!(codes[0])).await;
    let login = one_winner(logins, 200, "otp_invalid");

    let body = json!({"refresh_token": login["refresh_token"]});
    let pairs = at_once(&both, "/auth/token/refresh", &body).await;
    let mut successors: Vec<_> =
        pairs.into_iter().map(|pair| pair.expect(200)["refresh_token"].to_string()).collect();
    successors.dedup();
    assert_eq!(successors.len(), 1, "a lost answer may be asked for again, at any node");

    let body = json!({"token": link, "new_password": "poetical science 1844"});
    one_winner(at_once(&both, "/auth/password/reset", &body).await, 204, "reset_token_invalid");
}
