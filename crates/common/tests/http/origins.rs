use serde_json::json;

use crate::support::{Setup, from_peer, get_as_ada, send_to};

/// The client's address as the service sees it, behind proxies of `10.0.0.0/8` and `fd00::/8`.
async fn seen(peer: &str, forwarded: &[&str]) -> serde_json::Value {
    let setup = Setup { trusted_proxies: &["10.0.0.0/8", "fd00::/8"], ..Setup::default() };
    let request = from_peer(get_as_ada("/signed-in"), peer);
    let request =
        forwarded.iter().fold(request, |request, line| request.append_header(("X-Forwarded-For", *line)));
    send_to(&setup, request).await.json()["ip"].clone()
}

#[actix_web::test]
async fn a_stranger_cannot_say_where_they_come_from() {
    assert_eq!(seen("203.0.113.9", &["198.51.100.1"]).await, "203.0.113.9");
}

#[actix_web::test]
async fn behind_trusted_proxies_the_last_untrusted_hop_counts() {
    assert_eq!(seen("10.0.0.1", &["198.51.100.1"]).await, "198.51.100.1");
    assert_eq!(seen("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.9.9.9"]).await, "198.51.100.1");
    assert_eq!(seen("fd00::1", &["1.1.1.1", "198.51.100.1:5555", "10.9.9.9"]).await, "198.51.100.1");
    assert_eq!(seen("10.0.0.1", &["[2001:db8::7]:443"]).await, "2001:db8::7");
    assert_eq!(seen("::ffff:10.0.0.1", &["::ffff:198.51.100.1"]).await, "198.51.100.1");
}

#[actix_web::test]
async fn what_no_proxy_of_ours_wrote_is_not_believed() {
    assert_eq!(seen("10.0.0.1", &[]).await, "10.0.0.1");
    assert_eq!(seen("10.0.0.1", &["198.51.100.1, unknown, 10.9.9.9"]).await, "10.9.9.9");
    assert_eq!(seen("10.0.0.1", &["10.1.1.1, 10.2.2.2"]).await, "10.1.1.1");
}

#[actix_web::test]
async fn a_long_agent_is_cut() {
    let request = get_as_ada("/signed-in").insert_header(("User-Agent", "a".repeat(1000)));
    let context = send_to(&Setup::default(), request).await.json();
    assert_eq!(context["user_agent"].as_str().unwrap().len(), 400);
    assert_eq!(context["ip"], json!(null));
}
