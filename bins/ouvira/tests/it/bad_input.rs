//! What callers should not send: a problem document each time, nothing lost, nothing told about who exists.

use serde_json::{Value, json};

use crate::service::{Answer, Service};

#[tokio::test]
async fn malformed_bodies_are_told_what_is_wrong_with_them() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let send = async |content_type: &str, body: Vec<u8>| {
        service.send(owner.request("POST", "/company").header("content-type", content_type).body(body)).await
    };
    let json_type = "application/json";
    for body in [&b"{"[..], b"", b"{\"name\": \"a\", \"name\": \"b\"}", b"\xff", b"{\"name\": \"\\ud800\"}"] {
        assert_eq!(
            send(json_type, body.to_vec()).await.problem(400),
            "malformed_json",
            "{}",
            String::from_utf8_lossy(body)
        );
    }
    let deep = "[".repeat(100_000);
    assert_eq!(send(json_type, deep.into_bytes()).await.problem(400), "malformed_json");
    assert_eq!(send("text/plain", b"{}".to_vec()).await.problem(415), "unsupported_media_type");
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(send(json_type, large.into_bytes()).await.problem(413), "body_too_large");

    let invalid = async |body: Value| owner.post("/company", body).await;
    let pointers = |answer: &Answer| -> Vec<(String, String)> {
        let text = |error: &Value, name: &str| error[name].as_str().unwrap().to_owned();
        answer.body["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| (text(error, "pointer"), text(error, "code")))
            .collect()
    };
    for (body, code, pointer, field) in [
        (json!({}), "validation_failed", "/name", "required"),
        (json!({"name": 7}), "validation_failed", "/name", "invalid_type"),
        (json!({"name": "x".repeat(300)}), "validation_failed", "/name", "too_long"),
        (json!({"name": "a\u{0}b"}), "validation_failed", "/name", "control_characters"),
        (json!({"name": "a", "colour": "red"}), "unknown_field", "/colour", "unknown_field"),
        (json!({"name": "a", "parent_id": "7"}), "validation_failed", "/parent_id", "invalid_format"),
        (
            json!({"name": "a", "parent_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
            "unknown_reference",
            "/parent_id",
            "unknown_reference",
        ),
    ] {
        let answer = invalid(body.clone()).await;
        assert!(
            pointers(&answer).contains(&(pointer.to_owned(), field.to_owned())),
            "{body}: {}",
            answer.body
        );
        assert_eq!(answer.problem(422), code, "{body}");
    }
    assert_eq!(owner.get("/company").await.expect(200)["items"], json!([]), "nothing was made");
    assert_eq!(owner.get("/company?limit=0").await.problem(400), "invalid_parameter");
    assert_eq!(owner.get("/company?colour=red").await.problem(400), "invalid_parameter");
    assert_eq!(owner.get("/company?cursor=bm9uZQ").await.problem(400), "invalid_parameter");
    assert_eq!(owner.get("/company/7").await.problem(404), "not_found");
    let wrong_method = service.send(owner.request("PATCH", "/company")).await;
    assert!(wrong_method.headers.contains_key("allow"));
    assert_eq!(wrong_method.problem(405), "method_not_allowed");
}

#[tokio::test]
async fn every_bad_token_is_answered_alike() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let token = owner.token.clone().unwrap();
    let mut flipped = token.clone().into_bytes();
    let last = flipped.len() - 5;
    flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
    let unsigned = {
        let payload = token.split('.').nth(1).unwrap();
        format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}.")
    };
    let forged = [
        String::new(),
        "x".to_owned(),
        "x".repeat(9_000),
        token[..token.len() - 4].to_owned(),
        format!("{token}A"),
        String::from_utf8(flipped).unwrap(),
        unsigned,
        owner.refresh_token.clone().unwrap(),
    ];
    for token in forged {
        let mut somebody = tenant.anonymous();
        somebody.token = Some(token.clone());
        let answer = somebody.get("/account/profile").await;
        let shown: String = token.chars().take(40).collect();
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{shown}");
        assert_eq!(answer.problem(401), "token_invalid", "{shown}");
    }
    assert_eq!(tenant.anonymous().get("/account/profile").await.problem(401), "token_missing");
    owner.get("/account/profile").await.expect(200);
}

#[tokio::test]
async fn signing_up_and_in_does_not_tell_who_exists() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let nobody = tenant.anonymous();
    tenant.sign_up("known@example.com").await;
    let shape = |answer: &Answer| {
        let mut names: Vec<_> =
            answer.headers.keys().map(ToString::to_string).filter(|name| name != "x-request-id").collect();
        names.sort_unstable();
        let members: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
        (answer.status, names, members)
    };
    let known = nobody.post("/auth/signup", json!({"email": "known@example.com"})).await;
    let unknown = nobody.post("/auth/signup", json!({"email": "unknown@example.com"})).await;
    assert_eq!(shape(&known), shape(&unknown));
    // The holder is told by mail, and gets no code.
    let message = service.message("known@example.com", 1).await;
    assert!(message["data"]["code"].is_null(), "{message}");
    for challenge in [&known, &unknown] {
        let guess = json!({"challenge_id": challenge.body["challenge_id"], "code": "000000"});
        assert_eq!(nobody.post("/auth/verify-otp", guess).await.problem(422), "otp_invalid");
    }

    let wrong = |identifier: &str| json!({"identifier": identifier, "password": "not the password at all"});
    let known = nobody.post("/auth/login", wrong("known@example.com")).await;
    let unknown = nobody.post("/auth/login", wrong("nobody@example.com")).await;
    assert_eq!(shape(&known), shape(&unknown));
    assert_eq!(known.body["detail"], unknown.body["detail"]);
    assert_eq!(known.problem(401), "credentials_invalid");
}

#[tokio::test]
async fn codes_and_tokens_of_a_sign_up_work_once() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let nobody = tenant.anonymous();
    let challenge = nobody.post("/auth/signup", json!({"email": "once@example.com"})).await.expect(202);
    let code = service.message("once@example.com", 0).await["data"]["code"].clone();
    let wrong = if code == "123456" { "654321" } else { "123456" };
    let verify = |code: Value| json!({"challenge_id": challenge["challenge_id"], "code": code});
    assert_eq!(nobody.post("/auth/verify-otp", verify(json!(wrong))).await.problem(422), "otp_invalid");
    let verified = nobody.post("/auth/verify-otp", verify(code.clone())).await.expect(200);
    assert_eq!(nobody.post("/auth/verify-otp", verify(code)).await.problem(422), "challenge_invalid");
    let finalize = |password: &str| json!({"signup_token": verified["signup_token"], "password": password});
    assert_eq!(
        nobody.post("/auth/finalize-signup", finalize("short")).await.problem(422),
        "validation_failed"
    );
    assert_eq!(
        nobody.post("/auth/finalize-signup", finalize("password123")).await.problem(422),
        "validation_failed"
    );
    // What was refused has cost nothing: the token still works, and then no more.
    nobody.post("/auth/finalize-signup", finalize("engine analytical 1843")).await.expect(201);
    let again = nobody.post("/auth/finalize-signup", finalize("engine analytical 1843")).await;
    assert_eq!(again.problem(422), "signup_token_invalid");
    let guess = json!({"challenge_id": "01890a5d-ac96-774b-bcce-b302099a8057", "code": "000000"});
    assert_eq!(nobody.post("/auth/verify-otp", guess).await.problem(422), "challenge_invalid");
}
