//! Sessions of browsers, at the real binary: cookies, the CSRF token, and every way to come by them (A9).

use std::sync::Arc;

use reqwest::header::SET_COOKIE;
use serde_json::{Value, json};

use crate::service::{Answer, PASSWORD, Service, Tenant};

/// `APP_URL` of a local service.
const OUR_PAGE: &str = "http://localhost:3000";

/// A browser that keeps what it was given.
struct Browser {
    service: Arc<Service>,
    slug: String,
    /// `name=value`, as it sends them back.
    session: String,
    refresh: String,
    csrf_token: String,
}

/// The cookie of that name, and how it was set.
fn set(answer: &Answer, name: &str) -> (String, String) {
    let all = answer.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let cookie = all.filter_map(|cookie| cookie.split_once("; ")).find(|(pair, _)| pair.starts_with(name));
    let (pair, attributes) = cookie.unwrap_or_else(|| panic!("no {name}: {:?}", answer.headers));
    (pair.to_owned(), attributes.to_owned())
}

impl Browser {
    /// What signing in answered, which is as it should be.
    fn signed_in(service: &Arc<Service>, tenant: &Tenant, answer: &Answer) -> Self {
        assert_eq!(answer.body["status"], "authenticated", "{}", answer.body);
        assert!(answer.body["user"]["id"].is_string(), "{}", answer.body);
        for name in ["access_token", "refresh_token"] {
            assert!(answer.body.get(name).is_none(), "a script could read it: {}", answer.body);
        }
        let (session, of_session) = set(answer, "__Host-ouvira_session=");
        let (refresh, of_refresh) = set(answer, "__Secure-ouvira_refresh=");
        for attributes in [&of_session, &of_refresh] {
            for attribute in ["HttpOnly", "Secure", "SameSite=Strict"] {
                assert!(attributes.contains(attribute), "{attributes}");
            }
            assert!(!attributes.contains("Domain"), "{attributes}");
        }
        assert!(of_session.contains("Path=/;") && of_refresh.contains("Path=/api/v1/auth/token/refresh;"));
        Self {
            service: Arc::clone(service),
            slug: tenant.slug.clone(),
            session,
            refresh,
            csrf_token: answer.body["csrf_token"].as_str().unwrap().to_owned(),
        }
    }

    fn request(&self, method: &str, path: &str, cookie: &str) -> reqwest::RequestBuilder {
        let request =
            self.service.request(method, path).header("X-Tenant", &self.slug).header("Cookie", cookie);
        if method == "GET" { request } else { request.header("Origin", OUR_PAGE) }
    }

    async fn profile(&self) -> Answer {
        self.service.send(self.request("GET", "/account/profile", &self.session)).await
    }

    async fn found_company(&self, csrf_token: &str) -> Answer {
        let request = self.request("POST", "/company", &self.session).header("X-CSRF-Token", csrf_token);
        self.service.send(request.json(&json!({"name": self.csrf_token}))).await
    }

    /// All that a session in cookies is good for.
    async fn works(mut self) {
        self.profile().await.expect(200);
        assert_eq!(self.found_company("").await.problem(403), "csrf_failed");
        self.found_company(&self.csrf_token).await.expect(201);
        let refresh = self.request("POST", "/auth/token/refresh", &self.refresh);
        assert_eq!(self.service.send(refresh).await.problem(403), "csrf_failed");
        let refresh = self.request("POST", "/auth/token/refresh", &self.refresh);
        let refreshed = self.service.send(refresh.header("X-CSRF-Token", &self.csrf_token)).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        self.session = set(&refreshed, "__Host-ouvira_session=").0;
        self.profile().await.expect(200);
        let logout = self.request("POST", "/auth/logout", &self.session);
        let gone = self.service.send(logout.header("X-CSRF-Token", &self.csrf_token)).await;
        assert_eq!(gone.status, 204, "{}", gone.body);
        assert!(set(&gone, "__Host-ouvira_session=").1.contains("Max-Age=0"));
        assert_eq!(self.profile().await.problem(401), "token_invalid");
    }
}

#[tokio::test]
async fn every_way_in_gives_a_browser_its_session_in_cookies() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let (owner, nobody) = (tenant.owner().await, tenant.anonymous());
        let with = |body: Value| {
            let mut body = body;
            body["session"] = json!("cookie");
            body
        };

        let credentials = json!({"identifier": "owner@example.com", "password": PASSWORD});
        let login = nobody.post("/auth/login", with(credentials)).await;
        Browser::signed_in(&service, &tenant, &login).works().await;

        let invited = |name: &str| format!("{name}-{}@example.com", tenant.slug);
        let token = async |address: &str| {
            let made = owner.post("/users/invite", json!({"email": address, "role": "VIEWER"})).await;
            assert_eq!(made.status, 201, "{}", made.body);
            service.message(address, 0).await["data"]["token"].clone()
        };
        for (path, status) in [("/access-control/invitations/accept", 200), ("/users/accept-invite", 200)] {
            let address = invited(if path.starts_with("/users") { "grace" } else { "ada" });
            let body = with(json!({"token": token(&address).await, "password": PASSWORD}));
            // A cookie of long ago is in nobody's way at the door that is for newcomers alone.
            let request = nobody.request("POST", path).json(&body);
            let stale = if path.starts_with("/users") {
                request.header("Cookie", "__Host-ouvira_session=x.y.z")
            } else {
                request
            };
            let accepted = service.send(stale).await;
            assert_eq!(accepted.status.as_u16(), status, "{path}: {}", accepted.body);
            Browser::signed_in(&service, &tenant, &accepted).works().await;
        }
        let odd = json!({"token": "x", "password": PASSWORD, "session": "drawer"});
        nobody.post("/users/accept-invite", odd.clone()).await.problem(422);
        nobody.post("/access-control/invitations/accept", odd).await.problem(422);
    }
}
