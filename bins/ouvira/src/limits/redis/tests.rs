use std::{sync::Arc, time::Instant};

use ouvira_common::time::SystemClock;

use self::redis_server::RedisServer;
use super::*;
use crate::limits::policy::{LOGIN, LOGIN_ADDRESS, Policy};

#[path = "../../../tests/it/redis_server.rs"]
#[expect(unreachable_pub, reason = "it belongs to the tests of the whole product too")]
mod redis_server;

async fn node(server: &RedisServer) -> Redis {
    Redis::start(Client::open(server.url()).unwrap(), Memory::new(Arc::new(SystemClock))).await
}

fn of(policy: Policy, subject: u8) -> Take {
    Take { policy, subject: Subject([subject; 16]) }
}

async fn until_healthy(node: &Redis) {
    let begun = Instant::now();
    while !node.healthy() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it stays alone");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_take_exactly_the_quota_together() {
    let server = RedisServer::start();
    let nodes = [Arc::new(node(&server).await), Arc::new(node(&server).await)];
    let tries = (0..80).map(|i| {
        let node = Arc::clone(&nodes[i % 2]);
        tokio::spawn(async move { node.take(&[of(LOGIN_ADDRESS, 1)]).await.admitted })
    });
    let mut admitted = 0;
    for attempt in tries.collect::<Vec<_>>() {
        admitted += u32::from(attempt.await.unwrap());
    }
    assert!(nodes.iter().all(|node| node.healthy()), "the count is Redis'");
    // On a machine that stands still for a moment, a node may count one or two alone.
    assert!((30..40).contains(&admitted), "{admitted}");
}

#[tokio::test]
async fn redis_counts_as_memory_does() {
    let server = RedisServer::start();
    let (redis, memory) = (node(&server).await, Memory::new(Arc::new(SystemClock)));
    let both = [of(LOGIN, 1), of(LOGIN_ADDRESS, 2)];
    for round in 0..7 {
        let (there, here) = (redis.take(&both).await, memory.take(&both));
        assert_eq!(there.admitted, here.admitted, "round {round}");
        for (there, here) in there.standings.iter().zip(&here.standings) {
            assert_eq!(there.remaining(), here.remaining(), "round {round}");
            assert!(there.ahead.abs_diff(here.ahead) < 5_000_000, "round {round}: {there:?}, {here:?}");
        }
    }
    assert!(redis.healthy());
}

#[tokio::test]
async fn what_is_kept_expires_when_all_of_the_quota_is_there_again() {
    let server = RedisServer::start();
    let node = node(&server).await;
    node.take(&[of(LOGIN, 1)]).await;
    let left = server.command(&["PTTL", &format!("ouvira:limit:login:{}", "01".repeat(16))]);
    let left: i64 = left.trim().parse().unwrap();
    assert!((10_000..=12_000).contains(&left), "{left} ms");
}

#[tokio::test]
async fn without_redis_a_node_counts_alone_and_comes_back() {
    let mut server = RedisServer::start();
    let node = node(&server).await;
    let take = [of(LOGIN, 1)];
    while node.take(&take).await.admitted {}
    assert!(node.healthy());

    server.kill();
    for _ in 0..5 {
        assert!(node.take(&take).await.admitted);
    }
    assert!(!node.take(&take).await.admitted, "alone it counts too");
    assert!(!node.healthy());

    server.resume();
    until_healthy(&node).await;
    assert!(node.take(&take).await.admitted);
}

#[tokio::test]
async fn a_redis_that_hangs_is_soon_not_waited_for() {
    let server = RedisServer::start();
    let node = node(&server).await;
    server.freeze();
    let begun = Instant::now();
    for _ in 0..20 {
        node.take(&[of(LOGIN_ADDRESS, 1)]).await;
    }
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    assert!(!node.healthy());
    server.thaw();
    until_healthy(&node).await;
}

#[tokio::test]
async fn a_node_starts_without_redis() {
    let mut server = RedisServer::start();
    server.kill();
    let node = node(&server).await;
    assert!(!node.healthy() && node.take(&[of(LOGIN, 1)]).await.admitted);
    server.resume();
    until_healthy(&node).await;
}
