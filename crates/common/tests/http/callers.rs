use serde_json::json;

use crate::support::{ADA, GRANT, SESSION, Setup, get, get_as_ada, send, send_to};
use std::sync::atomic::Ordering;

#[actix_web::test]
async fn a_user_shows_the_session_of_the_token() {
    let answer = send(get_as_ada("/signed-in").insert_header(("User-Agent", "tests"))).await;
    let context = answer.json();
    assert_eq!(context["principal"], json!(ADA));
    assert_eq!((&context["kind"], &context["pass"]), (&json!("user"), &json!("session")));
    assert_eq!(context["pass_id"], json!(SESSION));
    assert_eq!(context["enrolment"], false);
    assert_eq!(context["amr"], json!(["pwd"]));
    assert_eq!(context["at"], "2027-01-15T07:57:00+00:00");
    assert_eq!(context["now"], "2027-01-15T08:00:00+00:00");
    assert_eq!(context["user_agent"], "tests");
    assert_eq!(context["request_id"], answer.header("x-request-id"));
}

#[actix_web::test]
async fn an_operator_shows_a_grant_and_has_no_self() {
    let operator = |path| {
        get(path).insert_header(("X-Tenant", "acme")).insert_header(("Authorization", "Bearer operator"))
    };
    let context = send(operator("/signed-in")).await.json();
    assert_eq!((&context["kind"], &context["pass"]), (&json!("operator"), &json!("grant")));
    assert_eq!(context["pass_id"], json!(GRANT));
    assert_eq!(send(operator("/oneself")).await.problem(), (403, "permission_denied".to_owned()));
    assert_eq!(send(get_as_ada("/oneself")).await.json(), json!(ADA));
}

#[actix_web::test]
async fn without_a_token_only_open_routes_answer() {
    let nobody = |path| get(path).insert_header(("X-Tenant", "acme"));
    for path in ["/signed-in", "/enrolling"] {
        let answer = send(nobody(path)).await;
        assert_eq!(answer.problem(), (401, "token_missing".to_owned()));
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    for path in ["/anonymous", "/either"] {
        let context = send(nobody(path)).await.json();
        assert_eq!((&context["kind"], &context["pass"]), (&json!("system"), &json!("open")));
    }
}

#[actix_web::test]
async fn a_token_that_is_not_valid_here_is_refused_in_one_way() {
    let long = format!("Bearer {}", "a".repeat(9000));
    for credentials in
        ["Bearer forged", "bearer globex", "Bearer ", "Bearer", &long, "Bearer ada, Bearer ada"]
    {
        for path in ["/signed-in", "/either", "/enrolling"] {
            let request =
                get(path).insert_header(("X-Tenant", "acme")).insert_header(("Authorization", credentials));
            let answer = send(request).await;
            assert_eq!(answer.problem(), (401, "token_invalid".to_owned()), "{credentials} at {path}");
            assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_token""#);
        }
    }
}

#[actix_web::test]
async fn credentials_sent_twice_are_refused() {
    let twice = get_as_ada("/either").append_header(("Authorization", "Bearer ada"));
    assert_eq!(send(twice).await.problem(), (401, "token_invalid".to_owned()));
}

#[actix_web::test]
async fn other_schemes_are_no_token() {
    let basic =
        get("/signed-in").insert_header(("X-Tenant", "acme")).insert_header(("Authorization", "Basic YTpi"));
    assert_eq!(send(basic).await.problem(), (401, "token_missing".to_owned()));
}

#[actix_web::test]
async fn an_open_route_does_not_look_at_the_token() {
    let forged = get("/anonymous")
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer forged"));
    assert_eq!(send(forged).await.json()["pass"], "open");
}

#[actix_web::test]
async fn a_session_that_must_enrol_opens_enrolment_and_nothing_else() {
    let enrolling = |path| {
        get(path).insert_header(("X-Tenant", "acme")).insert_header(("Authorization", "Bearer ada-enrolling"))
    };
    for path in ["/signed-in", "/either"] {
        assert_eq!(send(enrolling(path)).await.problem(), (403, "two_factor_required".to_owned()));
    }
    assert_eq!(send(enrolling("/enrolling")).await.json()["enrolment"], true);
    assert_eq!(send(get_as_ada("/enrolling")).await.json()["enrolment"], true);
}

#[actix_web::test]
async fn when_keys_cannot_be_had_it_says_so_without_saying_why() {
    let request = get("/signed-in")
        .insert_header(("X-Tenant", "acme"))
        .insert_header(("Authorization", "Bearer no-keys"));
    let answer = send(request).await;
    assert_eq!(answer.problem(), (503, "service_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.json().to_string().contains("vault"));
}

#[actix_web::test]
async fn the_language_is_the_callers_else_the_tenants() {
    let french = get_as_ada("/signed-in").insert_header(("Accept-Language", "fr-CH, en;q=0.2"));
    assert_eq!(send(french).await.json()["locale"], "fr");
    assert_eq!(send(get_as_ada("/signed-in")).await.json()["locale"], "en");
}

#[actix_web::test]
async fn two_extractors_ask_once() {
    let setup = Setup::default();
    assert_eq!(send_to(&setup, get_as_ada("/numbers")).await.status, 200);
    assert_eq!(setup.asked.load(Ordering::Relaxed), 2, "one tenant and one token");
}
