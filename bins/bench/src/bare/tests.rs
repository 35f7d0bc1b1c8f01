//! The bare handlers and the generator against each other, on a real Postgres.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use ouvira_embedded_postgres::{EmbeddedPostgres, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{HASH, NOOP, REFRESH, fill, serve};
use crate::{
    cli::BareOptions,
    load::{Connection, Request, Traffic},
    postgres,
    process::free_address,
};

const COMPANIES: u32 = 20;

/// Bare handlers on a Postgres of their own.
struct World {
    address: SocketAddr,
    url: String,
    people: Vec<Uuid>,
    _server: EmbeddedPostgres,
    _dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let open = fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().prefix("ouvira-bench-test-").permissions(open).tempdir().unwrap();
        let mut options = Options::new(dir.path().join("postgres"));
        options.durable = false;
        options.bootstrap_sql =
            vec!["CREATE ROLE bench LOGIN".to_owned(), "CREATE DATABASE bench OWNER bench".to_owned()];
        options.login_roles = vec!["bench".to_owned()];
        let server = EmbeddedPostgres::start(&options).unwrap();
        let url = server.url("bench", "bench");
        let people = fill(&url, 5, 3, COMPANIES).await.unwrap();

        let address = free_address().unwrap();
        let options = BareOptions { listen: address, database: url.clone(), workers: 1, pool: 2 };
        thread::spawn(move || actix_web::rt::System::new().block_on(serve(options)).unwrap());
        let world = Self { address, url, people, _server: server, _dir: dir };
        while Connection::open(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Taken by a thread that has opened its connections to Postgres.
        assert_eq!(world.ask(&Request::get(NOOP)).await.0, 200);
        world
    }

    async fn ask(&self, request: &Request) -> (u16, Value) {
        let mut connection = Connection::open(self.address).await.unwrap();
        let answer = connection.exchange(&request.to_bytes("bare")).await.unwrap();
        (answer.status, serde_json::from_slice(answer.body).unwrap_or_default())
    }

    async fn database(&self) -> Client {
        postgres::connect(&self.url).await.unwrap()
    }
}

#[tokio::test]
async fn each_handler_answers_what_the_service_would_and_holds_under_load() {
    let world = World::new().await;
    let [user, .., stranger] = world.people[..] else { panic!("there are five people") };

    let profile = Request::get(format!("/profile/{user}"));
    let (status, body) = world.ask(&profile).await;
    assert_eq!((status, &body["id"], &body["is_active"]), (200, &json!(user), &json!(true)));

    let session = Request::get(format!("/session/{user}"));
    let (status, body) = world.ask(&session).await;
    assert_eq!((status, &body["user_id"], &body["session_id"]), (200, &json!(user), &json!(user)));

    let companies = Request::get(format!("/users/{user}/companies"));
    let (status, body) = world.ask(&companies).await;
    let names: Vec<_> = body["items"].as_array().unwrap().iter().map(|company| &company["name"]).collect();
    assert_eq!((status, names.len()), (200, COMPANIES as usize));
    let none = world.ask(&Request::get(format!("/users/{stranger}/companies"))).await;
    assert_eq!(none, (200, json!({ "items": [], "next_cursor": null })));

    for request in [profile, session, companies, Request::get(NOOP)] {
        let traffic = Traffic::repeat(world.address, 200, 4, &[request]);
        let sample = traffic.run(4, Duration::from_millis(300)).await.unwrap().flawless().unwrap();
        assert!(sample.answered() > 0 && sample.quantiles().p99_ms >= sample.quantiles().p50_ms);
    }
}

#[tokio::test]
async fn founding_writes_five_rows_or_none() {
    let world = World::new().await;
    let user = world.people[0];
    let found = move |name: &str| Request::post(format!("/users/{user}/companies"), &json!({ "name": name }));
    let count = async || {
        let database = world.database().await;
        let mut counts = Vec::new();
        for table in ["companies", "memberships", "membership_roles", "activity_log", "outbox"] {
            let row = database.query_one(&format!("SELECT count(*) FROM bench.{table}"), &[]).await.unwrap();
            counts.push(row.get::<_, i64>(0));
        }
        counts
    };
    let before = count().await;

    let (status, company) = world.ask(&found("Ouvira")).await;
    assert_eq!((status, &company["name"], &company["version"]), (201, &json!("Ouvira"), &json!(1)));
    let one_more: Vec<i64> = before.iter().map(|rows| rows + 1).collect();
    assert_eq!(count().await, one_more);

    // The name is taken: nothing is written, and the connection is still good for the next one.
    for _ in 0..4 {
        assert_eq!(world.ask(&found("OUVIRA")).await.0, 500);
    }
    assert_eq!(count().await, one_more);

    let number = AtomicUsize::new(0);
    let traffic = Traffic::new(world.address, 201, move |_, buffer| {
        found(&format!("Company {}", number.fetch_add(1, Ordering::Relaxed))).write("bare", buffer);
    });
    let sample = traffic.run(4, Duration::from_millis(300)).await.unwrap().flawless().unwrap();
    assert!(usize::try_from(count().await[0] - one_more[0]).unwrap() >= sample.answered());
}

#[tokio::test]
async fn a_wrong_status_is_a_failure() {
    let world = World::new().await;
    let request = Request::get(format!("/profile/{}", Uuid::nil()));
    let traffic = Traffic::repeat(world.address, 200, 2, &[request]);
    let error = traffic.run(2, Duration::from_millis(500)).await.unwrap().flawless().unwrap_err();
    assert!(error.to_string().contains("the first: 500"), "{error}");
}

#[tokio::test]
async fn a_session_goes_on_from_its_present_token_alone() {
    let world = World::new().await;
    let refresh = |token: &str| Request::post(REFRESH, &json!({ "refresh_token": token }));
    let first = format!("{}.1", world.people[0]);
    let (status, body) = world.ask(&refresh(&first)).await;
    let second = body["refresh_token"].as_str().unwrap();
    assert_eq!((status, second), (200, format!("{}.2", world.people[0]).as_str()));
    assert_eq!(world.ask(&refresh(&first)).await.0, 401);
    assert_eq!(world.ask(&refresh(second)).await.0, 200);
}

#[tokio::test]
async fn a_timetable_is_kept() {
    let world = World::new().await;
    let traffic = Traffic::repeat(world.address, 200, 4, &[Request::get(NOOP)]);
    let sample = traffic.run_at(200, 4, Duration::from_secs(1)).await.unwrap().flawless().unwrap();
    assert!((150..=200).contains(&sample.answered()), "{}", sample.answered());
    let hashed = world.ask(&Request::post(HASH, &json!({ "password": "x" }))).await;
    assert_eq!((hashed.0, hashed.1.as_array().unwrap().len()), (200, 32));
}
