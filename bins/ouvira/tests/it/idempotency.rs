//! `Idempotency-Key`: a request that is sent twice has one effect and gets its first answer twice.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    operators::Operator,
    service::{Answer, Client, PASSWORD, Service},
};

const PLACEMENTS: [&str; 3] = ["shared", "schema", "database"];

async fn send(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    let request = client.request("POST", path).header("Idempotency-Key", key).json(body);
    client.service().send(request).await
}

async fn found(client: &Client, key: &str, name: &str) -> Answer {
    send(client, "/company", key, &json!({"name": name})).await
}

fn is_replayed(answer: &Answer) -> bool {
    answer.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
}

async fn companies(client: &Client) -> usize {
    let list = client.get("/company?count=true").await.expect(200);
    usize::try_from(list["total"].as_u64().unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_sent_again_gets_its_first_answer_and_has_no_second_effect() {
    let service = Service::shared().await;
    for placement in PLACEMENTS {
        let owner = service.tenant(placement).owner().await;
        let first = found(&owner, "key-1", "Analytical").await;
        assert_eq!(first.status, 201, "{}", first.body);
        assert!(!is_replayed(&first));
        for key in ["key-1", "\"key-1\""] {
            let again = found(&owner, key, "Analytical").await;
            assert!(is_replayed(&again), "{placement}: {}", again.body);
            assert_eq!(again.status, 201);
            assert_eq!(again.body, first.body);
            for name in ["location", "etag", "content-type"] {
                assert_eq!(again.headers[name], first.headers[name], "{name}");
            }
        }
        assert_eq!(companies(&owner).await, 1);
        // What was answered is what is there.
        let location = first.headers["location"].to_str().unwrap();
        let read = owner.service().send(owner.request("GET", location)).await;
        assert_eq!(read.expect(200), first.body);
    }
}

#[tokio::test]
async fn a_key_means_one_request_of_one_caller() {
    let service = Service::shared().await;
    for placement in PLACEMENTS {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let first = found(&owner, "key-1", "Difference").await.expect(201);
        assert_eq!(found(&owner, "key-1", "Another").await.problem(422), "idempotency_key_reused");
        let role = json!({"name": "Difference"});
        let elsewhere = send(&owner, "/access-control/roles", "key-1", &role).await;
        assert_eq!(elsewhere.problem(422), "idempotency_key_reused");
        // Not even something malformed goes under a key that has an answer.
        let malformed = send(&owner, "/company", "key-1", &json!({"name": 7})).await;
        assert_eq!(malformed.problem(422), "idempotency_key_reused");
        assert_eq!(companies(&owner).await, 1);

        let other = tenant.sign_up(&format!("other-{placement}@example.com")).await;
        let theirs = found(&other, "key-1", "Theirs").await;
        assert!(!is_replayed(&theirs));
        assert_ne!(theirs.expect(201)["id"], first["id"]);
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer_too() {
    let service = Service::shared().await;
    for placement in PLACEMENTS {
        let owner = service.tenant(placement).owner().await;
        found(&owner, "key-1", "Engine").await.expect(201);
        // Refused by the use case, and by the body alone.
        for (key, name, status, code) in
            [("key-2", "ENGINE", 409, "name_taken"), ("key-3", "", 422, "validation_failed")]
        {
            let first = found(&owner, key, name).await;
            let again = found(&owner, key, name).await;
            assert!(!is_replayed(&first) && is_replayed(&again), "{placement}: {}", again.body);
            assert_eq!(again.headers["content-type"], first.headers["content-type"]);
            assert_eq!(again.body, first.body);
            assert_eq!(again.problem(status), code);
        }
        assert_eq!(companies(&owner).await, 1);
    }
}

#[tokio::test]
async fn a_malformed_key_is_refused_and_nothing_is_done() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    for key in ["", "\"\"", "\"open", "two words", &"k".repeat(256)] {
        let answer = found(&owner, key, "Malformed").await;
        assert_eq!(answer.problem(400), "invalid_header", "{key:?}");
    }
    let twice =
        owner.request("POST", "/company").header("Idempotency-Key", "a").header("Idempotency-Key", "b");
    let twice = owner.service().send(twice.json(&json!({"name": "Twice"}))).await;
    assert_eq!(twice.problem(400), "invalid_header");
    assert_eq!(companies(&owner).await, 0);
    // Who calls comes first, as everywhere.
    let nobody = found(&tenant.anonymous(), "two words", "Malformed").await;
    assert_eq!(nobody.problem(401), "token_missing");
    found(&owner, &"k".repeat(255), "Long").await.expect(201);
}

#[tokio::test]
async fn fifty_at_once_have_one_effect() {
    let service = Service::shared().await;
    for placement in PLACEMENTS {
        let owner = service.tenant(placement).owner().await;
        let answers = join_all((0..50).map(|_| found(&owner, "key-1", "Once"))).await;
        let mut effects = 0;
        let mut ids = Vec::new();
        for answer in answers {
            if answer.status == 409 {
                assert_eq!(answer.problem(409), "idempotency_in_progress");
                continue;
            }
            effects += usize::from(!is_replayed(&answer));
            ids.push(answer.expect(201)["id"].clone());
        }
        assert_eq!(effects, 1, "{placement}");
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_eq!(companies(&owner).await, 1);
        assert!(is_replayed(&found(&owner, "key-1", "Once").await));
    }
}

#[tokio::test]
async fn an_operators_key_makes_one_tenant() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "keeps-answers");
    let token = operator.log_in().await["access_token"].as_str().unwrap().to_owned();
    let send = async |key: &str, slug: &str| {
        let new = json!({"slug": slug, "name": "Once", "admin": {"email": "first@example.com", "password": PASSWORD}});
        let request = service.request("POST", "/tenants").bearer_auth(&token).header("Idempotency-Key", key);
        service.send(request.json(&new)).await
    };
    let first = send("key-1", "made-once").await;
    assert!(!is_replayed(&first));
    let again = send("key-1", "made-once").await;
    assert!(is_replayed(&again), "{}", again.body);
    assert_eq!((again.status.as_u16(), &again.body), (201, &first.body));
    assert_eq!(send("key-1", "made-twice").await.problem(422), "idempotency_key_reused");
    for replayed in [false, true] {
        let refused = send("key-2", "made-once").await;
        assert_eq!(is_replayed(&refused), replayed);
        assert_eq!(refused.problem(409), "slug_taken");
    }
    let answers = join_all((0..8).map(|_| send("key-3", "made-at-once"))).await;
    let made: Vec<_> =
        answers.into_iter().filter(|answer| answer.status != 409 && !is_replayed(answer)).collect();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].status, 201, "{}", made[0].body);
}

/// Ended in the middle of writes again and again: whatever the caller heard or did not hear, trying again with the same
/// key ends with one company and its answer. Without the answer in the effect's own transaction a name would be taken
/// by a company that nobody was told of.
#[tokio::test]
async fn after_a_kill_trying_again_has_exactly_one_effect() {
    let mut service = Arc::new(Service::start(&[]).await);
    let slugs = PLACEMENTS.map(|placement| service.tenant(placement).slug);
    for round in 0..5_u64 {
        let writers = owners(&service, &slugs).await;
        let sent = Mutex::new(Vec::new());
        let answered = AtomicUsize::new(0);
        let writing = join_all((0..12).map(async |lane| {
            let of = lane % writers.len();
            for number in 0.. {
                let name = format!("{round}-{lane}-{number}");
                sent.lock().unwrap().push((of, name.clone()));
                let request = writers[of].request("POST", "/company").header("Idempotency-Key", &name);
                if request.json(&json!({"name": name})).send().await.is_err() {
                    break;
                }
                answered.fetch_add(1, SeqCst);
            }
        }));
        let killing = async {
            while answered.load(SeqCst) < 12 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(17 * round)).await;
            service.signal("-KILL");
        };
        tokio::join!(writing, killing);
        drop(writers);
        let killed = Arc::into_inner(service).expect("nobody else holds it");
        service = Arc::new(Service::start_in(killed.end("-KILL"), &[]).await);

        let again = owners(&service, &slugs).await;
        for (of, name) in sent.into_inner().unwrap() {
            let answer = found(&again[of], &name, &name).await.expect(201);
            let path = format!("/company/{}", answer["id"].as_str().unwrap());
            assert_eq!(again[of].get(&path).await.expect(200)["name"], name.as_str());
        }
    }
}

async fn owners(service: &Arc<Service>, slugs: &[String]) -> Vec<Client> {
    join_all(slugs.iter().map(|slug| async { service.known_tenant(slug).owner().await })).await
}
