//! What a tenant decides for itself (T10): each setting is stored, and holds for the very next request.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    authenticator::Authenticator,
    service::{Client, PASSWORD, Service, Tenant},
};

fn path(tenant: &Tenant) -> String {
    format!("/tenants/{}/settings", tenant.made["id"].as_str().unwrap())
}

/// A tenant with these settings, and its owner.
async fn decided(service: &Arc<Service>, placement: &str, settings: Value) -> (Tenant, Client) {
    let tenant = service.tenant(placement);
    let owner = tenant.owner().await;
    owner.patch(&path(&tenant), settings).await.expect(200);
    (tenant, owner)
}

async fn role(owner: &Client, code: &str) -> Value {
    let roles = owner.get("/access-control/roles").await.expect(200);
    roles["items"].as_array().unwrap().iter().find(|role| role["code"] == code).unwrap()["id"].clone()
}

#[tokio::test]
async fn settings_are_merged_member_by_member_and_read_as_they_were_written() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let (owner, path) = (tenant.owner().await, path(&tenant));
        let first = json!({"quotas": {"users": 10, "roles": 3}, "rate_limits": {"user_per_day": 5000}});
        owner.patch(&path, first).await.expect(200);
        let second = json!({"quotas": {"users": null, "companies": 4}, "timezone": "Europe/Paris"});
        let now = owner.patch(&path, second).await.expect(200);
        let quotas = json!({"users": null, "companies": 4, "members_per_company": null,
            "pending_invitations": null, "roles": 3});
        assert_eq!((&now["quotas"], &now["version"]), (&quotas, &json!(3)), "{now}");
        assert_eq!(now["rate_limits"]["user_per_day"], 5000);
        assert_eq!(owner.get(&path).await.expect(200), now, "{placement}");

        // What was read can be sent back; what PUT leaves out gets its default.
        let put = owner.request("PUT", &path).json(&now);
        assert_eq!(owner.service().send(put).await.expect(200)["version"], 3);
        let put = owner.request("PUT", &path).json(&json!({"quotas": {"users": 7}}));
        let now = owner.service().send(put).await.expect(200);
        assert_eq!((&now["quotas"]["users"], &now["quotas"]["roles"]), (&json!(7), &Value::Null));
        assert_eq!((&now["timezone"], &now["rate_limits"]["user_per_day"]), (&json!("UTC"), &Value::Null));
    }
}

#[tokio::test]
async fn settings_that_make_no_sense_change_nothing() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let (owner, path) = (tenant.owner().await, path(&tenant));
    let before = owner.get(&path).await.expect(200);
    let wrong = json!({"timezone": "Europe/Atlantis", "password_min_length": 7, "session_idle_minutes": 4,
        "quotas": {"users": 0}, "rate_limits": {"login_per_minute": 101, "user_per_day": 99}});
    let refused = owner.patch(&path, wrong).await;
    let pointers: Vec<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    let expected = [
        "/timezone",
        "/password_min_length",
        "/session_idle_minutes",
        "/rate_limits/login_per_minute",
        "/rate_limits/user_per_day",
        "/quotas/users",
    ];
    assert_eq!(pointers, expected);
    assert_eq!(refused.problem(422), "validation_failed");
    for (body, code, pointer) in [
        (json!({"quotas": {"elephants": 1}}), "unknown_field", "/quotas/elephants"),
        (json!({"quotas": {"users": "many"}}), "validation_failed", "/quotas/users"),
        (json!({"signup": "by_pigeon"}), "validation_failed", "/signup"),
    ] {
        let refused = owner.patch(&path, body).await;
        assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
        assert_eq!(refused.problem(422), code);
    }
    assert_eq!(owner.get(&path).await.expect(200), before);

    // Two edits of one version: one is told.
    let stale = owner.request("PATCH", &path).header("If-Match", "\"1\"").json(&json!({"locale": "fr"}));
    owner.service().send(stale).await.expect(200);
    let stale = owner.request("PATCH", &path).header("If-Match", "\"1\"").json(&json!({"locale": "de"}));
    assert_eq!(owner.service().send(stale).await.problem(412), "version_mismatch");
}

#[tokio::test]
async fn sign_up_is_open_by_invitation_or_closed() {
    let service = Service::shared().await;
    let (tenant, owner) = decided(&service, "shared", json!({"signup": "invitation"})).await;
    let nobody = tenant.anonymous();
    assert_eq!(nobody.get("/auth/config").await.expect(200)["signup"], "invitation");
    let sign_up = json!({"email": "uninvited@example.com"});
    assert_eq!(nobody.post("/auth/signup", sign_up.clone()).await.problem(403), "signup_closed");
    let invite = |email: &'static str| json!({"email": email, "role": "VIEWER"});
    owner.post("/users/invite", invite("by-invitation@example.com")).await.expect(201);
    let token = service.message("by-invitation@example.com", 0).await["data"]["token"].clone();
    let accept = json!({"token": token, "password": PASSWORD});
    nobody.post("/users/accept-invite", accept).await.expect(200);

    // Closed: not even the invited make an account; administrators do.
    owner.post("/users/invite", invite("too-late@example.com")).await.expect(201);
    owner.patch(&path(&tenant), json!({"signup": "closed"})).await.expect(200);
    assert_eq!(nobody.post("/auth/signup", sign_up.clone()).await.problem(403), "signup_closed");
    let token = service.message("too-late@example.com", 0).await["data"]["token"].clone();
    let accept = json!({"token": token, "password": PASSWORD});
    assert_eq!(nobody.post("/users/accept-invite", accept).await.problem(403), "signup_closed");
    owner.post("/users", json!({"email": "made@example.com"})).await.expect(201);

    // Whoever had begun when it closed does not finish.
    owner.patch(&path(&tenant), json!({"signup": null})).await.expect(200);
    let challenge = nobody.post("/auth/signup", sign_up).await.expect(202);
    let code = service.message("uninvited@example.com", 0).await["data"]["code"].clone();
    let verify = json!({"challenge_id": challenge["challenge_id"], "code": code});
    let verified = nobody.post("/auth/verify-otp", verify).await.expect(200);
    owner.patch(&path(&tenant), json!({"signup": "invitation"})).await.expect(200);
    let finalize = json!({"signup_token": verified["signup_token"], "password": PASSWORD});
    assert_eq!(nobody.post("/auth/finalize-signup", finalize).await.problem(403), "signup_closed");
}

#[tokio::test]
async fn new_people_have_the_tenants_language_and_time_zone() {
    let service = Service::shared().await;
    let settings = json!({"locale": "fr", "timezone": "Europe/Paris"});
    let (tenant, owner) = decided(&service, "shared", settings).await;
    let signed_up = tenant.sign_up("ada-locale@example.com").await;
    let made = owner.post("/account/users", json!({"email": "grace-locale@example.com"})).await.expect(201);
    for person in [signed_up.get("/account/profile").await.expect(200), made] {
        assert_eq!((&person["locale"], &person["timezone"]), (&json!("fr"), &json!("Europe/Paris")));
    }
    let company = owner.post("/company", json!({"name": "Moulin"})).await.expect(201);
    let settings =
        owner.get(&format!("/company/{}/settings", company["id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&settings["locale"], &settings["timezone"]), (&json!("fr"), &json!("Europe/Paris")));
    let mail = service.message("grace-locale@example.com", 0).await;
    assert!(mail["body"].as_str().unwrap().contains("mot de passe"), "{mail}");
}

#[tokio::test]
async fn the_shortest_password_is_the_tenants() {
    let service = Service::shared().await;
    let (tenant, _) = decided(&service, "shared", json!({"password_min_length": 30})).await;
    let nobody = tenant.anonymous();
    assert_eq!(nobody.get("/auth/config").await.expect(200)["password"]["min_length"], 30);
    let challenge = nobody.post("/auth/signup", json!({"email": "short@example.com"})).await.expect(202);
    let code = service.message("short@example.com", 0).await["data"]["code"].clone();
    let verify = json!({"challenge_id": challenge["challenge_id"], "code": code});
    let token = nobody.post("/auth/verify-otp", verify).await.expect(200)["signup_token"].clone();
    let finalize = |password: &str| json!({"signup_token": token, "password": password});
    let refused = nobody.post("/auth/finalize-signup", finalize(PASSWORD)).await;
    assert_eq!(refused.body["errors"][0]["code"], "too_short", "{}", refused.body);
    assert_eq!(refused.body["errors"][0]["params"]["min"], 30);
    let long = "the analytical engine weaves algebraic patterns";
    nobody.post("/auth/finalize-signup", finalize(long)).await.expect(201);
}

#[tokio::test]
async fn sessions_live_as_long_as_the_tenant_says() {
    let service = Service::shared().await;
    let settings = json!({"session_idle_minutes": 5, "session_absolute_minutes": 6});
    let (tenant, _) = decided(&service, "shared", settings).await;
    let login = json!({"identifier": "owner@example.com", "password": PASSWORD});
    let tokens = tenant.anonymous().post("/auth/login", login).await.expect(200);
    assert!(tokens["expires_in"].as_u64().unwrap() <= 300, "no token outlives its session: {tokens}");
    assert!((290..=300).contains(&tokens["refresh_expires_in"].as_u64().unwrap()), "{tokens}");
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let next = tenant.anonymous().post("/auth/token/refresh", refresh).await.expect(200);
    assert!((290..=300).contains(&next["refresh_expires_in"].as_u64().unwrap()), "{next}");
}

#[tokio::test]
async fn where_everybody_needs_a_second_factor_whoever_has_none_enrols_one_and_does_nothing_else() {
    let service = Service::shared().await;
    let (tenant, _) = decided(&service, "shared", json!({"require_two_factor": true})).await;
    let login = json!({"identifier": "owner@example.com", "password": PASSWORD});
    let nobody = tenant.anonymous();
    let begun = nobody.post("/auth/login", login).await.expect(200);
    assert_eq!(begun["status"], "two_factor_setup_required");
    let mut enrolling = tenant.anonymous();
    enrolling.token = begun["access_token"].as_str().map(str::to_owned);
    assert_eq!(enrolling.get("/account/profile").await.problem(403), "two_factor_required");
    assert_eq!(enrolling.get("/company").await.problem(403), "two_factor_required");

    let authenticator = Authenticator::enrol(&enrolling).await;
    assert_eq!(authenticator.backup_codes.len(), 10);
    let refresh = json!({"refresh_token": begun["refresh_token"]});
    let full = nobody.post("/auth/token/refresh", refresh).await.expect(200);
    enrolling.token = full["access_token"].as_str().map(str::to_owned);
    enrolling.get("/account/profile").await.expect(200);

    // Whoever had signed in before the tenant decided so, without a factor, enrols after their next refresh.
    let weak = service.tenant("shared");
    let grace = weak.owner().await;
    grace.patch(&path(&weak), json!({"require_two_factor": true})).await.expect(200);
    let refresh = json!({"refresh_token": grace.refresh_token});
    let pair = weak.anonymous().post("/auth/token/refresh", refresh).await.expect(200);
    let mut before = grace.clone();
    before.token = pair["access_token"].as_str().map(str::to_owned);
    assert_eq!(before.get("/account/profile").await.problem(403), "two_factor_required");
    Authenticator::enrol(&before).await;
}

#[tokio::test]
async fn limits_are_the_tenants_where_it_has_its_own() {
    let service = Arc::new(Service::start(&[("RATE_LIMITS", "on")]).await);
    let limits =
        json!({"rate_limits": {"login_per_minute": 2, "user_per_day": 100, "refresh_per_minute": 1}});
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let policy =
        |answer: &crate::service::Answer| answer.headers["ratelimit-policy"].to_str().unwrap().to_owned();
    let answer = owner.patch(&path(&tenant), limits).await;
    assert_eq!(policy(&answer), r#""user";q=1000;w=86400"#);
    answer.expect(200);
    assert_eq!(policy(&owner.get("/account/profile").await), r#""user";q=100;w=86400"#);

    let nobody = tenant.anonymous();
    let login = json!({"identifier": "somebody@example.com", "password": "not the one, by far"});
    for _ in 0..2 {
        let answer = nobody.post("/auth/login", login.clone()).await;
        assert_eq!(policy(&answer), r#""login";q=2;w=60, "login-address";q=30;w=60"#);
        assert_eq!(answer.problem(401), "credentials_invalid");
    }
    assert_eq!(nobody.post("/auth/login", login.clone()).await.problem(429), "rate_limited");
    let refresh = json!({"refresh_token": owner.refresh_token});
    let answer = nobody.post("/auth/token/refresh", refresh.clone()).await;
    assert_eq!(policy(&answer), r#""refresh";q=1;w=60, "refresh-address";q=300;w=60"#);
    answer.expect(200);
    assert_eq!(nobody.post("/auth/token/refresh", refresh).await.problem(429), "rate_limited");

    // Another tenant's are what they were.
    let other = service.tenant("shared").anonymous();
    let answer = other.post("/auth/login", login).await;
    assert_eq!(policy(&answer), r#""login";q=5;w=60, "login-address";q=30;w=60"#);
}

#[tokio::test]
async fn of_many_who_take_the_last_places_of_a_quota_just_as_many_get_one() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let quotas = json!({"quotas": {"users": 4, "companies": 3, "pending_invitations": 3, "roles": 3}});
        let (_, owner) = decided(&service, placement, quotas).await;
        let body = |kind: &str, n: usize| match kind {
            "/account/users" | "/users" => json!({"email": format!("{n}@example.com")}),
            "/company" => json!({"name": format!("Company {n}")}),
            "/users/invite" => json!({"email": format!("guest-{n}-{placement}@example.com")}),
            _ => json!({"name": format!("Role {n}")}),
        };
        // The owner is a user.
        for kind in ["/account/users", "/company", "/users/invite", "/access-control/roles"] {
            let answers = join_all((0..8).map(|n| owner.post(kind, body(kind, n)))).await;
            let made = answers.iter().filter(|answer| answer.status == 201).count();
            assert_eq!(made, 3, "{placement} {kind}: {answers:?}");
            for answer in answers.into_iter().filter(|answer| answer.status != 201) {
                assert_eq!(answer.problem(409), "quota_exceeded", "{kind}");
            }
        }
        assert_eq!(owner.post("/users", body("/users", 9)).await.problem(409), "quota_exceeded");
    }
}

#[tokio::test]
async fn a_quota_counts_what_is_there_on_every_way_in() {
    let service = Service::shared().await;
    let quotas = json!({"quotas": {"users": 2, "companies": 1, "members_per_company": 2}});
    let (tenant, owner) = decided(&service, "shared", quotas).await;
    let company = owner.post("/company", json!({"name": "One"})).await.expect(201);
    let at = format!("/company/{}", company["id"].as_str().unwrap());

    // Users: by sign-up, by import with a line for each, by an invitation that is accepted.
    owner.post("/users/invite", json!({"email": "guest-quota@example.com"})).await.expect(201);
    let ada = tenant.sign_up("ada-quota@example.com").await;
    let nobody = tenant.anonymous();
    let token = service.message("guest-quota@example.com", 0).await["data"]["token"].clone();
    let accept = json!({"token": token, "password": PASSWORD});
    assert_eq!(nobody.post("/users/accept-invite", accept).await.problem(409), "quota_exceeded");
    for dry_run in ["true", "false"] {
        let path = format!("/account/users/import?dry_run={dry_run}");
        let file = "email,first_name\nada-quota@example.com,Ada\nnew@example.com,New\n";
        let import = owner.request("POST", &path).header("content-type", "text/csv").body(file);
        let report = owner.service().send(import).await.expect(200);
        assert_eq!((&report["created"], &report["failed"]), (&json!(0), &json!(1)), "{report}");
        assert_eq!(report["lines"][1]["errors"][0]["code"], "quota_exceeded", "{report}");
    }

    // Whoever is deleted makes room.
    let member = |user: &Value| json!({"user_id": user, "company_id": company["id"]});
    let first = owner.post("/access-control/user-companies", member(&json!(ada.user_id))).await.expect(201);
    owner.patch(&path(&tenant), json!({"quotas": {"users": 3}})).await.expect(200);
    let third = owner.post("/users", json!({"email": "third@example.com"})).await.expect(201);
    let members = "/access-control/user-companies";
    assert_eq!(owner.post(members, member(&third["id"])).await.problem(409), "quota_exceeded");
    owner.delete(&format!("{members}/{}", first["id"].as_str().unwrap())).await.expect(204);
    owner.post(members, member(&third["id"])).await.expect(201);

    // A deleted company makes room, and does not come back into a place that was taken.
    assert_eq!(owner.post("/company", json!({"name": "Two"})).await.problem(409), "quota_exceeded");
    owner.delete(&at).await.expect(204);
    owner.post("/company", json!({"name": "Two"})).await.expect(201);
    assert_eq!(owner.post(&format!("{at}/restore"), json!({})).await.problem(409), "quota_exceeded");
    let _ = role(&owner, "viewer").await;
}
