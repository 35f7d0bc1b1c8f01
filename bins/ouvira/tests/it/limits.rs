//! Rate limits (H5), by the real binary and a real Redis.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    redis_server::RedisServer,
    service::{Answer, Service},
};

const SECRET: &str = "5fC1wQ0o9mWc2d8Zb7nT4xVrLkYpHsGe";

async fn limited(variables: &[(&str, &str)]) -> Arc<Service> {
    let on = [&[("RATE_LIMITS", "on")], variables].concat();
    Arc::new(Service::start(&on).await)
}

/// A login that fails, said to come from `client`.
async fn log_in(service: &Service, path: &str, identifier: &str, client: &str) -> Answer {
    let body = json!({"identifier": identifier, "password": "not the one, by far"});
    let request = service.request("POST", path).header("X-Tenant", "demo").header("X-Forwarded-For", client);
    service.send(request.json(&body)).await
}

fn field<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

async fn look(service: &Service) -> Answer {
    service.send(service.request("GET", "/timezone")).await
}

/// Waits until readiness says this of the cache.
async fn until_cache_is(service: &Service, status: &str) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let ready = service.send(service.request("GET", "/health/ready")).await.expect(200);
        let cache =
            ready["checks"].as_array().unwrap().iter().find(|check| check["name"] == "cache").unwrap();
        if cache["status"] == status {
            assert_eq!(ready["status"], if status == "ok" { "ok" } else { "degraded" });
            return;
        }
        assert!(Instant::now() < deadline, "{ready}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn logins_are_limited_by_tenant_address_and_identifier_and_by_address() {
    let service = limited(&[]).await;
    for left in (0..5).rev() {
        let answer = log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.1").await;
        assert_eq!(field(&answer, "ratelimit-policy"), r#""login";q=5;w=60, "login-address";q=30;w=60"#);
        assert!(
            field(&answer, "ratelimit").starts_with(&format!(r#""login";r={left};t="#)),
            "{:?}",
            answer.headers
        );
        assert!(!answer.headers.contains_key("retry-after"));
        assert_eq!(answer.problem(401), "credentials_invalid");
    }
    // Another spelling of the identifier, another path to the same route, another address that nobody vouches for, a token
    // that is none: all the same.
    for (path, identifier, client) in [
        ("/auth/login", "somebody@example.com", "192.0.2.1"),
        ("/auth/login", " Somebody@Example.com", "192.0.2.1"),
        ("/auth/login", "somebody@example.com", "192.0.2.2"),
        ("/auth/%6Cogin", "somebody@example.com", "192.0.2.1"),
        ("/auth//login/", "somebody@example.com", "192.0.2.1"),
        ("/api/auth/login/", "somebody@example.com", "192.0.2.1"),
    ] {
        let answer = log_in(&service, path, identifier, client).await;
        assert!(
            (1..=12).contains(&field(&answer, "retry-after").parse::<u64>().unwrap()),
            "{:?}",
            answer.headers
        );
        assert!(field(&answer, "ratelimit").starts_with(r#""login";r=0;t="#), "{:?}", answer.headers);
        assert_eq!(answer.problem(429), "rate_limited", "{path}, {identifier}, {client}");
    }
    let with_token = service.request("POST", "/auth/login").header("X-Tenant", "demo").bearer_auth("x.y.z");
    let body = json!({"identifier": "somebody@example.com", "password": "not the one, by far"});
    assert_eq!(service.send(with_token.json(&body)).await.problem(429), "rate_limited");

    // Others may still try, until the address has had enough; what was refused cost it nothing.
    for number in 0..24 {
        log_in(&service, "/auth/login", &format!("other{number}@example.com"), "192.0.2.1").await.expect(401);
    }
    let tenant = service.tenant("shared");
    let elsewhere = tenant.anonymous().post("/auth/login", body.clone()).await;
    assert!(
        field(&elsewhere, "ratelimit").starts_with(r#""login";r=4"#),
        "its count at another tenant is another"
    );
    let mut number = 0;
    let refused = loop {
        let answer = log_in(&service, "/auth/login", &format!("more{number}@example.com"), "192.0.2.1").await;
        if answer.status == 429 {
            break answer;
        }
        number += 1;
    };
    assert!(field(&refused, "ratelimit").contains(r#""login-address";r=0"#), "{:?}", refused.headers);
}

#[tokio::test]
async fn a_trusted_proxy_says_who_calls() {
    let service = limited(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for _ in 0..5 {
        log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.1").await.expect(401);
    }
    assert_eq!(
        log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.1").await.problem(429),
        "rate_limited"
    );
    let spoofed = log_in(&service, "/auth/login", "somebody@example.com", "198.51.100.9, 192.0.2.1").await;
    assert_eq!(
        spoofed.problem(429),
        "rate_limited",
        "what stands before the proxy's own word is the client's"
    );
    log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.2").await.expect(401);
    for host in 1..=5 {
        log_in(&service, "/auth/login", "somebody@example.com", &format!("2001:db8::{host}"))
            .await
            .expect(401);
    }
    let same_network = log_in(&service, "/auth/login", "somebody@example.com", "2001:db8::6").await;
    assert_eq!(same_network.problem(429), "rate_limited");
}

#[tokio::test]
async fn a_session_refreshes_twenty_times_a_minute_and_users_have_a_day_of_their_own() {
    let service = limited(&[]).await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let profile = owner.get("/account/profile").await;
    assert_eq!(field(&profile, "ratelimit-policy"), r#""user";q=1000;w=86400"#);
    assert!(field(&profile, "ratelimit").starts_with(r#""user";r=999;t="#), "{:?}", profile.headers);
    let config = tenant.anonymous().get("/auth/config").await;
    assert_eq!(field(&config, "ratelimit-policy"), r#""anonymous";q=200;w=86400"#);
    let mut forged = owner.clone();
    forged.token = Some("x.y.z".to_owned());
    let forged = forged.get("/account/profile").await;
    assert!(
        field(&forged, "ratelimit").starts_with(r#""anonymous""#),
        "a token that is none makes nobody a user"
    );

    let mut token = owner.refresh_token.clone().unwrap();
    for left in (0..20).rev() {
        let answer = owner.post("/auth/token/refresh", json!({"refresh_token": token})).await;
        let told = field(&answer, "ratelimit");
        // A slow machine gets back one of them every three seconds.
        assert!(told.starts_with(r#""refresh";r="#) && (left > 5 || answer.status == 200), "{told}");
        token = answer.expect(200)["refresh_token"].as_str().unwrap().to_owned();
    }
    let refused = loop {
        let answer = owner.post("/auth/token/refresh", json!({"refresh_token": token})).await;
        if answer.status != 200 {
            break answer;
        }
        token = answer.body["refresh_token"].as_str().unwrap().to_owned();
    };
    assert_eq!(refused.problem(429), "rate_limited");
    owner.get("/account/profile").await.expect(200);
}

#[tokio::test]
async fn health_and_documentation_have_no_limit_and_strangers_two_hundred_a_day() {
    let service = limited(&[]).await;
    for path in [
        "/health",
        "/api/v1/health/",
        "/health/ready",
        "/api/docs",
        "/api/openapi.json",
        "/api/v1/dev/messages",
    ] {
        let answer = service.send(service.request("GET", path)).await;
        assert!(
            answer.status == 200 && !answer.headers.contains_key("ratelimit"),
            "{path}: {}",
            answer.status
        );
    }
    for _ in 0..200 {
        look(&service).await.expect(200);
    }
    let refused = look(&service).await;
    assert!((1..=432).contains(&field(&refused, "retry-after").parse::<u64>().unwrap()));
    assert_eq!(refused.problem(429), "rate_limited");
    service.send(service.request("GET", "/health")).await.expect(200);
}

#[tokio::test]
async fn the_configuration_has_quotas_of_its_own() {
    let service = limited(&[("RATE_LIMIT_QUOTAS", "anonymous=3, login=2,")]).await;
    for left in (0..3).rev() {
        let answer = look(&service).await;
        assert_eq!(field(&answer, "ratelimit-policy"), r#""anonymous";q=3;w=86400"#);
        assert!(field(&answer, "ratelimit").starts_with(&format!(r#""anonymous";r={left};t="#)));
        answer.expect(200);
    }
    assert_eq!(look(&service).await.problem(429), "rate_limited");
    let login = log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.1").await;
    assert_eq!(field(&login, "ratelimit-policy"), r#""login";q=2;w=60, "login-address";q=30;w=60"#);
}

#[tokio::test]
async fn two_nodes_count_together_and_each_alone_without_redis() {
    let mut redis = RedisServer::start();
    let url = redis.url();
    let variables = [("REDIS_URL", url.as_str()), ("SECRET_KEY", SECRET)];
    let (one, two) = tokio::join!(limited(&variables), limited(&variables));
    for _ in 0..100 {
        look(&one).await.expect(200);
        look(&two).await.expect(200);
    }
    for node in [&one, &two] {
        // On a machine that stands still for a moment, a node may have counted a few alone; all alone it had 100 left.
        for _ in 0..20 {
            look(node).await;
        }
        assert_eq!(look(node).await.problem(429), "rate_limited");
        until_cache_is(node, "ok").await;
    }

    redis.kill();
    for node in [&one, &two] {
        let answer = look(node).await;
        assert!(field(&answer, "ratelimit").starts_with(r#""anonymous";r=199"#), "{:?}", answer.headers);
        for left in (0..5).rev() {
            let answer = log_in(node, "/auth/login", "somebody@example.com", "192.0.2.1").await;
            assert!(
                field(&answer, "ratelimit").starts_with(&format!(r#""login";r={left}"#)),
                "{:?}",
                answer.headers
            );
            answer.expect(401);
        }
        assert_eq!(
            log_in(node, "/auth/login", "somebody@example.com", "192.0.2.1").await.problem(429),
            "rate_limited"
        );
        until_cache_is(node, "unavailable").await;
        assert_eq!(node.log().matches("this node counts rate limits alone").count(), 1, "{}", node.log());
    }

    redis.resume();
    for node in [&one, &two] {
        until_cache_is(node, "ok").await;
        assert_eq!(node.log().matches("together again").count(), 1, "{}", node.log());
    }
    look(&one).await.expect(200);
    assert!(
        field(&look(&two).await, "ratelimit").starts_with(r#""anonymous";r=198"#),
        "they count together again"
    );

    redis.freeze();
    let begun = Instant::now();
    look(&one).await.expect(200);
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "a Redis that hangs holds nobody up: {:?}",
        begun.elapsed()
    );
    redis.thaw();
    look(&one).await.expect(200);
}

#[tokio::test]
async fn nothing_of_a_caller_is_readable_in_redis() {
    let redis = RedisServer::start();
    let service = limited(&[("REDIS_URL", &redis.url())]).await;
    log_in(&service, "/auth/login", "somebody@example.com", "192.0.2.1").await.expect(401);
    let keys = redis.command(&["KEYS", "*"]);
    assert!(keys.contains("ouvira:limit:login:") && keys.contains("ouvira:limit:login-address:"), "{keys}");
    assert!(!keys.contains("somebody") && !keys.contains("127.0.0.1"), "{keys}");
    for key in keys.lines().filter(|key| !key.is_empty()) {
        assert!(redis.command(&["PTTL", key]).trim().parse::<i64>().unwrap() > 0, "{key} expires");
    }
}
