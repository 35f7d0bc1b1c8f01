//! Paths of older clients.

use serde_json::json;

use crate::service::Service;

#[tokio::test]
async fn older_names_answer_as_their_new_ones() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let nobody = tenant.anonymous();
    for path in ["/api/auth/config", "/api/auth/config/", "/api/v1/auth/config/"] {
        let answer = nobody.get(path).await;
        assert!(!answer.headers.contains_key("deprecation"), "{path}");
        answer.expect(200);
    }
    let challenge = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (former, body) in [
        ("resent-otp", json!({"challenge_id": challenge})),
        ("finalize-signin", json!({"signup_token": "x", "password": "engine analytical 1843"})),
    ] {
        let answer = nobody.post(&format!("/api/auth/{former}/"), body).await;
        assert!(answer.headers.contains_key("deprecation"), "{former}");
        assert!(answer.headers["link"].to_str().unwrap().contains("successor-version"));
        assert_eq!(answer.status, 422, "{former}: {}", answer.body);
    }
    for path in ["/api/v2/auth/config", "/api/nothing", "/nothing"] {
        assert_eq!(nobody.get(path).await.problem(404), "not_found", "{path}");
    }
    let health = service.send(service.request("GET", "/health")).await.expect(200);
    assert_eq!(health, json!({"status": "ok"}));
}
