//! Passwords at the real binary: what is taken, what is kept of them, and a flood of guesses.

use std::{sync::Arc, time::Duration};

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::service::{Answer, Client, PASSWORD, Service, Tenant};

/// As long as a password may be, in 128 characters that a keyboard may give in two ways.
fn long(composed: bool) -> String {
    let letter = |i: u32| char::from_u32(0x3b1 + (i * i * 7 + i * 3) % 23).unwrap();
    let written = |letter: char| match (letter, composed) {
        ('α', true) => "ά".to_owned(),
        ('ε', true) => "έ".to_owned(),
        ('α' | 'ε', false) => format!("{letter}\u{301}"),
        _ => letter.to_string(),
    };
    (0..128).map(letter).map(written).collect()
}

async fn finalize(tenant: &Tenant, service: &Service, address: &str, password: &str) -> Answer {
    let nobody = tenant.anonymous();
    let begun = nobody.post("/auth/signup", json!({"email": address})).await.expect(202);
    let code = service.message(address, 0).await["data"]["code"].clone();
    let typed = json!({"challenge_id": begun["challenge_id"], "code": code});
    let token = nobody.post("/auth/verify-otp", typed).await.expect(200)["signup_token"].clone();
    nobody.post("/auth/finalize-signup", json!({"signup_token": token, "password": password})).await
}

async fn log_in(client: &Client, identifier: &str, password: &str) -> Answer {
    client.post("/auth/login", json!({"identifier": identifier, "password": password})).await
}

#[tokio::test]
async fn v6_2_8_v6_2_9_a_long_password_is_compared_whole_and_after_composition() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let nobody = tenant.anonymous();
    let (composed, apart) = (long(true), long(false));
    assert!(composed.chars().count() == 128 && apart.chars().count() > 128);
    finalize(&tenant, &service, "ada@example.com", &apart).await.expect(201);
    log_in(&nobody, "ada@example.com", &composed).await.expect(200);
    log_in(&nobody, "ada@example.com", &apart).await.expect(200);
    let shorter: String = composed.chars().take(127).collect();
    for other in [shorter.clone(), format!("{shorter}x"), format!("{composed}x"), format!("{composed} ")] {
        assert_eq!(log_in(&nobody, "ada@example.com", &other).await.problem(401), "credentials_invalid");
    }

    for (address, password, refused) in [
        ("bob@example.com", format!("{composed}x"), "too_long"),
        ("eve@example.com", "e\u{301}".repeat(7), "too_short"),
        ("kim@example.com", "PassWord1".to_owned(), "common_password"),
    ] {
        let answer = finalize(&tenant, &service, address, &password).await;
        assert_eq!(answer.body["errors"][0]["pointer"], "/password", "{}", answer.body);
        assert_eq!(answer.body["errors"][0]["code"], refused, "{}", answer.body);
        assert_eq!(answer.problem(422), "validation_failed");
    }
}

/// More logins at once than may wait for the threads that hash.
const FLOOD: usize = 150;

#[tokio::test(flavor = "multi_thread")]
async fn more_logins_than_can_be_hashed_are_told_to_come_back_and_other_routes_answer() {
    let service = Arc::new(Service::start(&[]).await);
    let tenant = service.tenant("shared");
    let (owner, nobody) = (tenant.owner().await, tenant.anonymous());
    let flood = join_all((0..FLOOD).map(|_| log_in(&nobody, "owner@example.com", PASSWORD)));
    let others = async {
        for _ in 0..20 {
            owner.get("/account/profile").await.expect(200);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let (answers, ()) = join(flood, others).await;
    let (served, refused): (Vec<Answer>, Vec<Answer>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert!(!served.is_empty() && !refused.is_empty(), "{} were served", served.len());
    for answer in refused {
        let wait: Option<u64> =
            answer.headers.get("retry-after").and_then(|wait| wait.to_str().ok()?.parse().ok());
        assert!(wait.is_some_and(|seconds| seconds > 0), "{:?}", answer.headers);
        assert_eq!(answer.problem(503), "service_unavailable");
    }
    log_in(&nobody, "owner@example.com", PASSWORD).await.expect(200);
}

/// Everything of an answer but what names the request.
fn shown(answer: &Answer) -> (u16, Value, Vec<String>) {
    let mut body = answer.body.clone();
    body.as_object_mut().unwrap().remove("request_id");
    let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort_unstable();
    (answer.status.as_u16(), body, names)
}

#[tokio::test]
async fn v6_3_1_v6_3_8_guesses_from_everywhere_delay_all_but_a_device_that_is_known_and_nobody_can_tell() {
    let service = Arc::new(Service::start(&[("RATE_LIMITS", "on"), ("TRUSTED_PROXIES", "127.0.0.1")]).await);
    let tenant = service.tenant("shared");
    let from = async |network: String, identifier: &str, password: &str| {
        let request = service.request("POST", "/auth/login").header("X-Tenant", &tenant.slug);
        let request = request.header("X-Forwarded-For", network).header("User-Agent", "Firefox");
        service.send(request.json(&json!({"identifier": identifier, "password": password}))).await
    };
    // At home: known from now on.
    let home = || "192.0.2.1".to_owned();
    let owner = tenant.client(&from(home(), "owner@example.com", PASSWORD).await.expect(200));

    // So many networks, each with a guess, at once: more than an account takes before it slows them down.
    let guesses = (1..=60).map(|host| from(format!("198.51.100.{host}"), "owner@example.com", "far from it"));
    let guesses = join_all(guesses).await;
    let refused = shown(&guesses[0]);
    assert_eq!((refused.0, &refused.1["code"]), (401, &json!("credentials_invalid")));
    for guess in &guesses {
        assert_eq!(shown(guess), refused);
    }

    // From elsewhere the right password is not looked at, and is answered as a wrong one, and as nobody's.
    let right = from("203.0.113.9".to_owned(), "owner@example.com", PASSWORD).await;
    assert_eq!(shown(&right), refused);
    let nobody = from("203.0.113.9".to_owned(), "nobody@example.com", PASSWORD).await;
    assert_eq!(shown(&nobody), refused);
    // Nobody at home notices.
    from(home(), "owner@example.com", PASSWORD).await.expect(200);

    let log = owner.get("/audit/security-logs?limit=100").await.expect(200);
    let rows = log["items"].as_array().unwrap();
    let failed: Vec<&Value> = rows.iter().filter(|row| row["event"] == "login.failed").collect();
    assert_eq!(failed.len(), 61, "{log}");
    assert_eq!(failed[0]["details"]["delayed"], true, "{}", failed[0]);
}
