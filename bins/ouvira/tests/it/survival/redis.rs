//! Redis goes away while requests are on their way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use serde_json::json;

use crate::{redis_server::RedisServer, service::Service};

/// Nobody is answered otherwise for it: signing in works, and what is ended at one node is ended at the other.
#[tokio::test(flavor = "multi_thread")]
async fn redis_that_goes_away_in_mid_flight_costs_nobody_anything() {
    let mut redis = RedisServer::start();
    let url = redis.url();
    let variables = [
        ("REDIS_URL", url.as_str()),
        ("RATE_LIMITS", "on"),
        ("RATE_LIMIT_QUOTAS", "user=1000000"),
        ("PUBLIC_URL", "http://localhost:8000"),
    ];
    let one = Arc::new(Service::start(&variables).await);
    let tenant = one.tenant("shared");
    let owner = tenant.owner().await;
    let two = Arc::new(one.another_node(&variables).await);

    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let load: Vec<_> = [owner.clone(), owner.at(&two)]
        .into_iter()
        .map(|owner| {
            let (over, answered) = (Arc::clone(&over), Arc::clone(&answered));
            tokio::spawn(async move {
                while !over.load(SeqCst) {
                    owner.get("/account/profile").await.expect(200);
                    answered.fetch_add(1, SeqCst);
                }
            })
        })
        .collect();
    let until = async |more: usize| {
        let goal = answered.load(SeqCst) + more;
        while answered.load(SeqCst) < goal && load.iter().all(|load| !load.is_finished()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    until(20).await;
    redis.kill();
    until(20).await;

    let other = tenant.owner().await;
    other.at(&two).get("/account/profile").await.expect(200);
    other.post("/auth/logout", json!({})).await.expect(204);
    for node in [&one, &two] {
        assert_eq!(other.at(node).get("/account/profile").await.problem(401), "token_invalid");
        let ready = node.send(node.request("GET", "/health/ready")).await.expect(200);
        assert_eq!(ready["status"], "degraded", "{ready}");
        assert!(node.log().contains("this node counts rate limits alone"), "{}", node.log());
    }
    redis.resume();
    until(20).await;
    over.store(true, SeqCst);
    for load in load {
        load.await.unwrap();
    }
}
