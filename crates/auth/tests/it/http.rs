use std::{rc::Rc, sync::Arc};

use actix_web::{
    App,
    body::to_bytes,
    cookie::{Cookie, SameSite},
    dev::Service as _,
    http::{Method, StatusCode, header},
    test::{TestRequest, init_service},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use ouvira_auth::http::{CookieOrigins, cookie_sessions, routes};
use ouvira_common::{
    http::{Gatekeeper, GatekeeperDeps, document, problems},
    tenant::PlacementMode,
};
use serde_json::{Value, json};

use crate::support::{PASSWORD, World};

const APP: &str = "https://app.example.com";

struct Answer {
    status: StatusCode,
    location: Option<String>,
    cookies: Vec<Cookie<'static>>,
    body: Value,
}

/// The routes of this crate, as a service mounts them.
struct Site(Box<dyn Fn(TestRequest) -> LocalBoxFuture<'static, Answer>>);

impl Site {
    async fn of(world: &World) -> Self {
        let gatekeeper = Gatekeeper::new(GatekeeperDeps {
            tokens: world.tokens.clone(),
            tenants: world.tenant.resolver(),
            clock: world.tenant.clock(),
            base_domain: None,
            own_hosts: Vec::new(),
            default_tenant: Some(world.tenant.tenant().slug.clone()),
            trusted_proxies: Vec::new(),
        });
        let app = App::new()
            .document(document("test", "1", ""))
            .wrap(cookie_sessions())
            .wrap(problems())
            .app_data(Data::new(CookieOrigins(vec![APP.to_owned()])))
            .app_data(Data::new(gatekeeper))
            .app_data(Data::from(Arc::clone(&world.auth)))
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = Rc::new(init_service(app).await);
        Self(Box::new(move |request| {
            let service = Rc::clone(&service);
            async move {
                // What middleware refuses, the server turns into an answer.
                let response = match service.call(request.to_request()).await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    Err(error) => error.error_response(),
                };
                let location = response.headers().get(header::LOCATION);
                let location = location.map(|value| value.to_str().unwrap().to_owned());
                let cookies = response.cookies().map(Cookie::into_owned).collect();
                let status = response.status();
                let body = to_bytes(response.into_body()).await.unwrap();
                let body = serde_json::from_slice(&body).unwrap_or_default();
                Answer { status, location, cookies, body }
            }
            .boxed_local()
        }))
    }

    async fn call(&self, method: Method, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let mut request = TestRequest::with_uri(&format!("/api/v1{path}")).method(method);
        if let Some(token) = token {
            request = request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")));
        }
        if let Some(body) = body {
            request = request.set_json(body);
        }
        (self.0)(request).await
    }
}

#[actix_web::test]
async fn the_whole_way_from_sign_up_to_logout() {
    let world = World::new(PlacementMode::Shared).await;
    let site = Site::of(&world).await;
    let config = site.call(Method::GET, "/auth/config", None, None).await;
    assert_eq!(
        config.body,
        json!({
            "methods": {"password": true, "totp": true, "backup_code": true},
            "captcha": null, "signup": "open", "locales": ["en", "fr", "de"],
            "password": {"min_length": 8, "max_length": 128},
        })
    );
    let asked =
        site.call(Method::POST, "/auth/signup", None, Some(json!({"email": "ada@example.com"}))).await;
    assert_eq!((asked.status, &asked.body["channel"]), (StatusCode::ACCEPTED, &json!("email")));
    let code = world.last_code().await;
    let typed = json!({"challenge_id": asked.body["challenge_id"], "code": code.expose()});
    let verified = site.call(Method::POST, "/auth/verify-otp", None, Some(typed)).await;
    assert_eq!(verified.status, StatusCode::OK);
    let rest =
        json!({"signup_token": verified.body["signup_token"], "password": PASSWORD, "first_name": "Ada"});
    let made = site.call(Method::POST, "/auth/finalize-signup", None, Some(rest)).await;
    assert_eq!(
        (made.status, made.location.as_deref()),
        (StatusCode::CREATED, Some("/api/v1/account/profile"))
    );
    assert_eq!((&made.body["status"], &made.body["token_type"]), (&json!("authenticated"), &json!("Bearer")));
    assert_eq!(
        (&made.body["user"]["first_name"], &made.body["user"]["email_verified"]),
        (&json!("Ada"), &json!(true))
    );

    let credentials = json!({"identifier": "ada@example.com", "password": PASSWORD});
    let login = site.call(Method::POST, "/auth/login", None, Some(credentials)).await;
    assert_eq!((login.status, &login.body["expires_in"]), (StatusCode::OK, &json!(900)));
    let refresh = json!({"refresh_token": login.body["refresh_token"]});
    let pair = site.call(Method::POST, "/auth/token/refresh", None, Some(refresh)).await;
    assert_eq!(pair.status, StatusCode::OK);
    let token = pair.body["access_token"].as_str();
    let sessions = site.call(Method::GET, "/auth/sessions?limit=1", token, None).await;
    assert_eq!((sessions.status, &sessions.body["items"][0]["current"]), (StatusCode::OK, &json!(true)));
    assert!(sessions.body["next_cursor"].is_string());
    assert_eq!(site.call(Method::DELETE, "/auth/sessions", token, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(site.call(Method::POST, "/auth/logout", token, None).await.status, StatusCode::NO_CONTENT);
    let after = site.call(Method::GET, "/auth/sessions", token, None).await;
    assert_eq!((after.status, &after.body["code"]), (StatusCode::UNAUTHORIZED, &json!("token_invalid")));
    let keys = site.call(Method::GET, "/auth/jwks", None, None).await;
    assert_eq!(
        (&keys.body["keys"][0]["kid"], &keys.body["keys"][0]["crv"]),
        (&json!("k1"), &json!("Ed25519"))
    );
}

#[actix_web::test]
async fn refusals_are_problems_with_the_codes_of_the_contract() {
    let world = World::new(PlacementMode::Shared).await;
    let site = Site::of(&world).await;
    let nowhere = "0190a8f0-0000-7000-8000-000000000000";
    for (path, body, status, code) in [
        ("/auth/signup", json!({}), 422, "validation_failed"),
        (
            "/auth/signup",
            json!({"email": "a@example.com", "phone": "+33612345678"}),
            422,
            "validation_failed",
        ),
        ("/auth/signup", json!({"email": "nonsense"}), 422, "validation_failed"),
        ("/auth/signup", json!({"email": "a@example.com", "admin": true}), 422, "unknown_field"),
        ("/auth/resend-otp", json!({"challenge_id": nowhere}), 422, "challenge_invalid"),
        ("/auth/resend-otp", json!({"challenge_id": 7}), 422, "validation_failed"),
        ("/auth/verify-otp", json!({"challenge_id": nowhere, "code": "123456"}), 422, "challenge_invalid"),
        (
            "/auth/finalize-signup",
            json!({"signup_token": "x", "password": PASSWORD}),
            422,
            "signup_token_invalid",
        ),
        (
            "/auth/login",
            json!({"identifier": "a@example.com", "password": "wrong"}),
            401,
            "credentials_invalid",
        ),
        ("/auth/login", json!({"identifier": "a@example.com"}), 422, "validation_failed"),
        ("/auth/token/refresh", json!({"refresh_token": "x"}), 401, "refresh_token_invalid"),
    ] {
        let answer = site.call(Method::POST, path, None, Some(body.clone())).await;
        let told = (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code), "{path} {body}");
    }
    for (method, path) in [
        (Method::GET, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions"),
        (Method::DELETE, "/auth/sessions/0190a8f0-0000-7000-8000-000000000000"),
        (Method::POST, "/auth/logout"),
    ] {
        let answer = site.call(method, path, None, None).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::UNAUTHORIZED, &json!("token_missing")),
            "{path}"
        );
    }
    let early =
        site.call(Method::POST, "/auth/signup", None, Some(json!({"email": "ada@example.com"}))).await;
    let again = json!({"challenge_id": early.body["challenge_id"]});
    let again = site.call(Method::POST, "/auth/resend-otp", None, Some(again)).await;
    assert_eq!((again.status, &again.body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited")));
}

/// A browser with what it was given.
struct Browser<'a> {
    site: &'a Site,
    session: String,
    refresh: String,
    csrf: String,
}

impl Browser<'_> {
    /// A request as its own page sends it, but for what `change` does to it.
    async fn send(
        &self,
        method: Method,
        path: &str,
        change: impl FnOnce(TestRequest) -> TestRequest,
    ) -> Answer {
        let request = TestRequest::with_uri(&format!("/api/v1{path}"))
            .method(method)
            .cookie(Cookie::new("__Host-ouvira_session", self.session.clone()))
            .cookie(Cookie::new("__Secure-ouvira_refresh", self.refresh.clone()));
        (self.site.0)(change(request)).await
    }

    fn own(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("Origin", APP)).insert_header(("X-CSRF-Token", self.csrf.clone()))
    }
}

fn value(answer: &Answer, name: &str) -> String {
    answer.cookies.iter().find(|cookie| cookie.name() == name).unwrap().value().to_owned()
}

async fn browser<'a>(world: &World, site: &'a Site) -> Browser<'a> {
    world.sign_up("ada@example.com").await;
    let credentials = json!({"identifier": "ada@example.com", "password": PASSWORD, "session": "cookie"});
    let login = site.call(Method::POST, "/auth/login", None, Some(credentials)).await;
    assert_eq!(login.status, StatusCode::OK);
    assert_eq!(login.body["status"], "authenticated");
    assert!(login.body.get("access_token").is_none() && login.body.get("refresh_token").is_none());
    assert_eq!(login.body["user"]["email"], "ada@example.com");
    for (cookie, path) in login.cookies.iter().zip(["/", "/api/v1/auth/token/refresh"]) {
        assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
        assert_eq!(
            (cookie.same_site(), cookie.path(), cookie.domain()),
            (Some(SameSite::Strict), Some(path), None)
        );
    }
    Browser {
        site,
        session: value(&login, "__Host-ouvira_session"),
        refresh: value(&login, "__Secure-ouvira_refresh"),
        csrf: login.body["csrf_token"].as_str().unwrap().to_owned(),
    }
}

#[actix_web::test]
async fn v3_3_a_browser_has_its_session_in_cookies() {
    let world = World::new(PlacementMode::Shared).await;
    let site = Site::of(&world).await;
    let mut browser = browser(&world, &site).await;
    let sessions = browser.send(Method::GET, "/auth/sessions", |request| request).await;
    assert_eq!((sessions.status, &sessions.body["items"][0]["current"]), (StatusCode::OK, &json!(true)));

    let pair = browser.send(Method::POST, "/auth/token/refresh", |request| browser.own(request)).await;
    assert_eq!((pair.status, pair.body["csrf_token"].as_str()), (StatusCode::OK, Some(&*browser.csrf)));
    assert!(pair.body.get("refresh_token").is_none());
    browser.session = value(&pair, "__Host-ouvira_session");

    let again = browser
        .send(Method::POST, "/auth/reauthenticate", |request| {
            browser.own(request).set_json(json!({"password": PASSWORD}))
        })
        .await;
    assert_eq!((again.status, again.cookies.len()), (StatusCode::OK, 2), "{}", again.body);
    let gone = browser.send(Method::POST, "/auth/logout", |request| browser.own(request)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(gone.cookies.iter().all(|cookie| cookie.value().is_empty()) && gone.cookies.len() == 2);
    let after = browser.send(Method::GET, "/auth/sessions", |request| request).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn v3_5_1_what_changes_something_must_come_from_a_page_of_ours() {
    let world = World::new(PlacementMode::Shared).await;
    let site = Site::of(&world).await;
    let browser = browser(&world, &site).await;
    let forged: [(&str, Option<&str>, Option<String>); 6] = [
        ("nothing", None, None),
        ("no token", Some(APP), None),
        ("no origin", None, Some(browser.csrf.clone())),
        ("another origin", Some("https://evil.example"), Some(browser.csrf.clone())),
        (
            "an origin that begins alike",
            Some("https://app.example.com.evil.example"),
            Some(browser.csrf.clone()),
        ),
        ("a wrong token", Some(APP), Some("x".repeat(43))),
    ];
    for (what, origin, token) in forged {
        for (method, path) in [
            (Method::POST, "/auth/logout"),
            (Method::DELETE, "/auth/sessions"),
            (Method::POST, "/auth/2fa/enable"),
            (Method::POST, "/auth/token/refresh"),
        ] {
            let answer = browser
                .send(method, path, |mut request| {
                    if let Some(origin) = origin {
                        request = request.insert_header(("Origin", origin));
                    }
                    if let Some(token) = token.clone() {
                        request = request.insert_header(("X-CSRF-Token", token));
                    }
                    request
                })
                .await;
            let told = (answer.status, answer.body["code"].as_str());
            assert_eq!(told, (StatusCode::FORBIDDEN, Some("csrf_failed")), "{path}: {what}");
        }
    }
    // Whoever brings a bearer token is no browser that was tricked, and a stale cookie is in nobody's way at the door.
    let login = browser
        .send(Method::POST, "/auth/login", |request| {
            request.set_json(json!({"identifier": "ada@example.com", "password": PASSWORD}))
        })
        .await;
    let token = login.body["access_token"].as_str().unwrap().to_owned();
    let logout = browser
        .send(Method::POST, "/auth/logout", |request| {
            request.insert_header((header::AUTHORIZATION, format!("Bearer {token}")))
        })
        .await;
    assert_eq!((logout.status, logout.cookies.len()), (StatusCode::NO_CONTENT, 0));
}

#[actix_web::test]
async fn passwords_factors_and_addresses_over_http() {
    let world = World::new(PlacementMode::Shared).await;
    let site = Site::of(&world).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let token = Some(tokens.access_token.expose());
    for (path, body, status, code) in [
        ("/auth/2fa/enable", json!({"password": "wrong"}), 422, "password_incorrect"),
        ("/auth/2fa/confirm", json!({"code": "123456"}), 409, "not_pending"),
        ("/auth/2fa/disable", json!({"password": PASSWORD, "code": "123456"}), 422, "otp_invalid"),
        (
            "/auth/password/change",
            json!({"current_password": "x", "new_password": "y"}),
            422,
            "validation_failed",
        ),
        ("/auth/reauthenticate", json!({}), 422, "validation_failed"),
        ("/auth/reauthenticate", json!({"password": "x", "code": "y"}), 422, "validation_failed"),
        ("/account/profile/email", json!({"email": "nonsense"}), 422, "validation_failed"),
        ("/account/profile/phone", json!({"phone": "nonsense"}), 422, "validation_failed"),
    ] {
        let answer = site.call(Method::POST, path, token, Some(body)).await;
        let told = (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code), "{path}");
    }
    for (path, body, status, code) in [
        ("/auth/password/reset", json!({"token": "x", "new_password": PASSWORD}), 422, "reset_token_invalid"),
        ("/auth/email/verify", json!({"token": "x"}), 422, "verification_token_invalid"),
        ("/auth/password/forgot", json!({"email": "nonsense"}), 422, "validation_failed"),
    ] {
        let answer = site.call(Method::POST, path, None, Some(body)).await;
        let told = (answer.status.as_u16(), answer.body["code"].as_str().unwrap_or_default());
        assert_eq!(told, (status, code), "{path}");
    }
    let forgot =
        site.call(Method::POST, "/auth/password/forgot", None, Some(json!({"email": "a@example.com"}))).await;
    assert_eq!((forgot.status, forgot.body), (StatusCode::ACCEPTED, json!({})));
    let enable =
        site.call(Method::POST, "/auth/2fa/enable", token, Some(json!({"password": PASSWORD}))).await;
    assert_eq!(enable.status, StatusCode::OK);
    assert!(enable.body["qr_svg"].as_str().unwrap().contains("<svg"));

    let asked = json!({"email": "ada@new.example"});
    let asked = site.call(Method::POST, "/account/profile/email", token, Some(asked)).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED);
    let code = world.last_code().await;
    let typed = json!({"challenge_id": asked.body["challenge_id"], "code": code.expose()});
    let user = site.call(Method::POST, "/account/profile/email/confirm", token, Some(typed)).await;
    assert_eq!((user.status, user.body["email"].as_str()), (StatusCode::OK, Some("ada@new.example")));
}
