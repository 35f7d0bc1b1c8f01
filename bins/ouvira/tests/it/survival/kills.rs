//! `kill -9` under write load, again and again.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{all, ids};
use crate::service::{Client, Service};

/// How often the node is killed.
const KILLS: usize = 4;
/// How many writes are acknowledged before each kill.
const WRITTEN: usize = 15;

/// What was acknowledged is there with its audit row and its event, and of nothing there is half; in each placement.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_every_kill() {
    let mut dir = tempfile::tempdir().unwrap();
    let (mut slugs, mut acknowledged) = (Vec::new(), vec![Vec::new(); 3]);
    for round in 0..KILLS {
        let service = Arc::new(Service::start_in(dir, &[]).await);
        if round == 0 {
            slugs = ["shared", "schema", "database"].map(|placement| service.tenant(placement).slug).into();
        }
        let mut owners = Vec::new();
        for slug in &slugs {
            owners.push(service.known_tenant(slug).owner().await);
        }
        let made = Arc::new(AtomicUsize::new(0));
        let writers = (0..6).map(|writer| {
            tokio::spawn(write(owners[writer % 3].clone(), format!("{round}-{writer}"), Arc::clone(&made)))
        });
        let writers: Vec<_> = writers.collect();
        let deadline = Instant::now() + Duration::from_mins(2);
        while made.load(SeqCst) < WRITTEN {
            assert!(Instant::now() < deadline, "{made:?}:\n{}", service.log());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        service.signal("-KILL");
        for (writer, written) in join_all(writers).await.into_iter().enumerate() {
            acknowledged[writer % 3].extend(written.unwrap());
        }
        drop(owners);
        dir = Arc::try_unwrap(service).ok().expect("nobody else holds it").end("-KILL");
    }

    let service = Arc::new(Service::start_in(dir, &[]).await);
    for (slug, acknowledged) in slugs.iter().zip(acknowledged) {
        let owner = service.known_tenant(slug).owner().await;
        let companies = ids(&all(&owner, "/company").await, "/id");
        let lost: Vec<_> = acknowledged.iter().filter(|id| !companies.contains(*id)).collect();
        assert!(lost.is_empty(), "{slug}: of {} acknowledged these are lost: {lost:?}", acknowledged.len());
        let logged = ids(&all(&owner, "/audit/activity-logs?action=company.created").await, "/object/id");
        assert_eq!(companies, logged, "{slug}: a company and its audit row are there together or not at all");
        let founded: BTreeSet<String> = ids(
            &all(&owner, &format!("/access-control/user-companies?user_id={}", owner.user_id)).await,
            "/company_id",
        );
        assert_eq!(companies, founded, "{slug}: and so is the membership of its founder");
    }
}

/// Makes companies until the node is gone; answers those that were acknowledged.
async fn write(owner: Client, name: String, made: Arc<AtomicUsize>) -> Vec<String> {
    let mut written = Vec::new();
    for number in 0.. {
        let company = json!({"name": format!("Company {name}-{number}")});
        let Ok(answer) = owner.request("POST", "/company").json(&company).send().await else { break };
        assert_eq!(answer.status(), 201);
        let Ok(company) = answer.json::<Value>().await else { break };
        written.push(company["id"].as_str().unwrap().to_owned());
        made.fetch_add(1, SeqCst);
    }
    written
}
