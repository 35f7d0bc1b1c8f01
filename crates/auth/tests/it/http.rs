use std::{rc::Rc, sync::Arc};

use actix_web::{
    App,
    dev::Service as _,
    http::{Method, StatusCode, header},
    test::{TestRequest, init_service, read_body},
    web::Data,
};
use apistos::{app::OpenApiWrapper as _, web::scope};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use ouvira_auth::http::routes;
use ouvira_common::{
    http::{Gatekeeper, GatekeeperDeps, document, problems},
    tenant::PlacementMode,
};
use serde_json::{Value, json};

use crate::support::{PASSWORD, World};

struct Answer {
    status: StatusCode,
    location: Option<String>,
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
            .wrap(problems())
            .app_data(Data::new(gatekeeper))
            .app_data(Data::from(Arc::clone(&world.auth)))
            .service(scope("/api/v1").configure(routes))
            .build("/openapi.json");
        let service = Rc::new(init_service(app).await);
        Self(Box::new(move |request| {
            let service = Rc::clone(&service);
            async move {
                let response = service.call(request.to_request()).await.unwrap();
                let location = response.headers().get(header::LOCATION);
                let location = location.map(|value| value.to_str().unwrap().to_owned());
                let status = response.status();
                let body = serde_json::from_slice(&read_body(response).await).unwrap_or_default();
                Answer { status, location, body }
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
