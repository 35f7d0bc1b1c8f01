//! Few connections, clients that go away, work that stands still: no lost connection, no foreign row, 503 and not 500.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use diesel_async::SimpleAsyncConnection as _;
use futures_util::future::join_all;
use ouvira_common::db::{Endpoint, connect};
use ouvira_embedded_postgres::EmbeddedPostgres;
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{all, ids};
use crate::service::{Client, Service};

/// The least there is: a connection for each thread that answers.
const ONE: (&str, &str) = ("DATABASE_CONNECTIONS", "1");

/// Where the database is: behind the pooler that `.ci/pooler` has started, or else the service's own.
fn database() -> Vec<(&'static str, String)> {
    let Ok(pooler) = env::var("POOLER_URL") else { return Vec::new() };
    let direct = ["DATABASE_CONTROL_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL"]
        .map(|name| (name, env::var(name).expect("whoever names a pooler names the rest")));
    [("DATABASE_URL", pooler)].into_iter().chain(direct).collect()
}

/// Tenants by turns on one connection, and clients that go away in the middle of the request or of its answer: never a
/// foreign row, nothing but 200 and 503, each company with its audit row, and every connection comes back.
#[tokio::test(flavor = "multi_thread")]
async fn one_connection_and_clients_that_go_away_mix_nothing_up() {
    let database = database();
    let variables: Vec<_> =
        database.iter().map(|(name, value)| (*name, value.as_str())).chain([ONE]).collect();
    let service = Arc::new(Service::start(&variables).await);
    let mut owners = Vec::new();
    for placement in ["shared", "shared", "schema", "database"] {
        let owner = service.tenant(placement).owner().await;
        let own = format!("Of {}", owners.len());
        owner.post("/company", json!({"name": own})).await.expect(201);
        owners.push((owner, own));
    }
    let (over, gone) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let leavers: Vec<_> = owners
        .iter()
        .enumerate()
        .map(|(number, (owner, _))| {
            tokio::spawn(leave(owner.clone(), number, Arc::clone(&over), Arc::clone(&gone)))
        })
        .collect();
    let readers = owners.iter().enumerate().map(|(number, (owner, own))| {
        let gone = &gone;
        async move {
            let mut read = 0;
            while read < 8 || gone.load(SeqCst) < 80 {
                let answer = owner.get("/company?limit=100").await;
                match answer.status.as_u16() {
                    200 => {
                        for company in answer.body["items"].as_array().unwrap() {
                            let name = company["name"].as_str().unwrap();
                            let ours = name == own || name.starts_with(&format!("Left {number}-"));
                            assert!(ours, "a foreign row at {own}: {name}");
                        }
                        read += 1;
                    }
                    _ => assert_eq!(answer.problem(503), "service_unavailable"),
                }
            }
        }
    });
    join_all(readers).await;
    over.store(true, SeqCst);
    for leaver in leavers {
        leaver.await.unwrap();
    }
    for (owner, own) in &owners {
        let companies = all(owner, "/company").await;
        assert!(companies.iter().any(|company| company["name"] == own.as_str()));
        let logged = all(owner, "/audit/activity-logs?action=company.created").await;
        assert_eq!(ids(&companies, "/id"), ids(&logged, "/object/id"), "{own}: together or not at all");
    }
    assert!(!service.log().contains("panicked"), "{}", service.log());
}

/// Sends requests and goes away: before the body is whole, or once it is, at one moment or another of the work on it.
async fn leave(owner: Client, leaver: usize, over: Arc<AtomicBool>, gone: Arc<AtomicUsize>) {
    let probe = owner.request("POST", "/company").build().unwrap();
    let address = format!("127.0.0.1:{}", probe.url().port().unwrap());
    let mut headers = String::new();
    for (name, value) in probe.headers() {
        headers.extend([name.as_str(), ": ", value.to_str().unwrap(), "\r\n"]);
    }
    let mut number = 0;
    while !over.load(SeqCst) {
        let body = json!({"name": format!("Left {leaver}-{number}")}).to_string();
        let whole = format!(
            "POST /api/v1/company HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n{headers}\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sent = if number % 3 == 0 { whole.len() - 4 } else { whole.len() };
        let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
        if stream.write_all(&whole.as_bytes()[..sent]).await.is_ok() {
            tokio::time::sleep(Duration::from_micros(400 * (number % 17))).await;
        }
        drop(stream);
        number += 1;
        gone.fetch_add(1, SeqCst);
        // One that stays: whoever goes does not send faster than the node works.
        let status = owner.get("/account/profile").await.status.as_u16();
        assert!([200, 503].contains(&status), "{status}");
    }
}

/// Everything stands still behind a lock: who waits for a connection is answered 503 in the end, as is who holds one;
/// nothing of what they asked for is done later, and once the lock is gone the same node serves.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_is_empty_is_503_and_nothing_is_lost() {
    let service = Arc::new(Service::start(&[ONE, ("REQUEST_TIMEOUT", "4")]).await);
    let owner = service.tenant("shared").owner().await;
    owner.post("/company", json!({"name": "Before"})).await.expect(201);

    let postgres = EmbeddedPostgres::running(service.data_dir().join("postgres")).unwrap();
    let endpoint = Endpoint::parse(&postgres.url("ouvira_owner", "ouvira")).unwrap();
    let mut locker = connect(&endpoint, None).await.unwrap();
    locker.batch_execute("BEGIN; LOCK TABLE ouvira_shared.companies IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let requests = (0..24).map(|number| {
        let owner = &owner;
        async move {
            if number % 2 == 0 {
                owner.get("/company").await
            } else {
                owner.post("/company", json!({"name": format!("Meanwhile {number}")})).await
            }
        }
    });
    for answer in join_all(requests).await {
        assert!(answer.headers.contains_key("retry-after"), "{:?}", answer.headers);
        assert_eq!(answer.problem(503), "service_unavailable");
    }
    service.send(service.request("GET", "/health")).await.expect(200);
    locker.batch_execute("ROLLBACK").await.unwrap();

    let deadline = Instant::now() + Duration::from_secs(30);
    while owner.get("/company").await.status != 200 {
        assert!(Instant::now() < deadline, "it does not recover:\n{}", service.log());
    }
    owner.post("/company", json!({"name": "Afterwards"})).await.expect(201);
    let mut names: Vec<_> =
        all(&owner, "/company").await.iter().map(|company| company["name"].to_string()).collect();
    names.sort();
    assert_eq!(names, ["\"Afterwards\"", "\"Before\""]);
    assert!(!service.log().contains("panicked"), "{}", service.log());
}
