//! Operators: from the command line to acting in a tenant.

use std::sync::Arc;

use futures_util::future::join_all;
use ouvira_common::time::{Clock as _, SystemClock};
use serde_json::{Value, json};
use totp_rs::Builder;

use crate::service::{Answer, PASSWORD, Service, Tenant, ouvira, run};

/// An operator of one test's own.
pub struct Operator {
    service: Arc<Service>,
    email: String,
    pub id: String,
}

impl Operator {
    /// Made on the command line.
    pub fn made(service: &Arc<Service>, name: &str) -> Self {
        let email = format!("{name}@operators.example");
        let made = run(ouvira(service.data_dir()).args([
            "operator",
            "create",
            "--json",
            "--email",
            &email,
            "--password",
            PASSWORD,
        ]));
        Self { service: Arc::clone(service), email, id: made["id"].as_str().unwrap().to_owned() }
    }

    async fn post(&self, token: Option<&str>, path: &str, body: &Value) -> Answer {
        let request = self.service.request("POST", path).json(body);
        let request = token.into_iter().fold(request, reqwest::RequestBuilder::bearer_auth);
        self.service.send(request).await
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.service.send(self.service.request("GET", path).bearer_auth(token)).await
    }

    async fn log_in_with(&self, password: &str) -> Answer {
        let body = json!({"identifier": self.email, "password": password});
        self.post(None, "/auth/operator/login", &body).await
    }

    /// The answer to a login that needs no second factor.
    pub async fn log_in(&self) -> Value {
        self.log_in_with(PASSWORD).await.expect(200)
    }

    /// Sets a second factor up and answers its secret, base32, the code that was used, and the backup codes.
    async fn enrol(&self, token: &str) -> (String, String, Vec<String>) {
        let enabled = self
            .post(Some(token), "/auth/operator/2fa/enable", &json!({"password": PASSWORD}))
            .await
            .expect(200);
        assert!(enabled["qr_svg"].as_str().unwrap().contains("<svg"));
        let secret = text(&enabled["secret"]);
        assert!(text(&enabled["otpauth_uri"]).contains(&secret));
        // A step that is over by the time of the next login: each is good once.
        let code = code(&secret, -30);
        let confirmed =
            self.post(Some(token), "/auth/operator/2fa/confirm", &json!({"code": code})).await.expect(200);
        let codes: Vec<String> = confirmed["backup_codes"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(codes.len(), 10);
        (secret, code, codes)
    }

    async fn challenge(&self) -> Value {
        let login = self.log_in().await;
        assert_eq!(login["status"], "two_factor_required", "{login}");
        login["challenge_id"].clone()
    }

    async fn totp(&self, challenge: &Value, code: &str) -> Answer {
        let body = json!({"challenge_id": challenge, "code": code});
        self.post(None, "/auth/operator/login/2fa/totp", &body).await
    }

    async fn grant(&self, token: &str, tenant: &Tenant, minutes: i64) -> Answer {
        let body = json!({"tenant_id": tenant.made["id"], "reason": "Ticket 7", "minutes": minutes});
        self.post(Some(token), "/auth/operator/grants", &body).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The code of an authenticator, so many seconds from now.
pub fn code(secret: &str, offset: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("operator").build().unwrap();
    let now = SystemClock.now().timestamp();
    totp.generate(u64::try_from(now + offset).unwrap()).to_string()
}

/// As that tenant's people call, with a token of leave.
fn acting(tenant: &Tenant, token: &str) -> crate::service::Client {
    let mut client = tenant.anonymous();
    client.token = Some(token.to_owned());
    client
}

#[tokio::test]
async fn an_operator_signs_in_and_runs_the_platform() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "runs-the-platform");
    let login = operator.log_in().await;
    assert_eq!(login["status"], "authenticated", "{login}");
    assert_eq!(login["operator"], json!({"id": operator.id, "email": operator.email}));
    let token = text(&login["access_token"]);

    let new = json!({
        "slug": "by-operator", "name": "By an operator", "placement": {"mode": "schema"},
        "admin": {"email": "first@example.com", "password": PASSWORD},
    });
    let made = operator.post(Some(&token), "/tenants", &new).await.expect(201);
    let path = format!("/tenants/{}", text(&made["tenant"]["id"]));
    assert_eq!(operator.get(&token, &path).await.expect(200)["slug"], "by-operator");
    let listed = operator.get(&token, "/tenants?limit=100").await.expect(200);
    assert!(listed["items"].as_array().unwrap().len() >= 2, "{listed}");
    operator.post(Some(&token), &format!("{path}/suspend"), &json!({})).await.expect(200);
    let first = json!({"identifier": "first@example.com", "password": PASSWORD});
    let login = service.request("POST", "/auth/login").header("X-Tenant", "by-operator").json(&first);
    assert_eq!(service.send(login).await.problem(403), "tenant_suspended");
    operator.post(Some(&token), &format!("{path}/resume"), &json!({})).await.expect(200);

    operator.post(Some(&token), "/auth/operator/logout", &json!({})).await.expect(204);
    assert_eq!(operator.get(&token, "/tenants").await.problem(401), "token_invalid");
    assert_eq!(operator.post(Some(&token), "/tenants", &new).await.problem(401), "token_invalid");
}

#[tokio::test]
async fn unknown_and_wrong_are_answered_alike() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "alike");
    let wrong = operator.log_in_with("another password").await;
    let body = json!({"identifier": "nobody@operators.example", "password": PASSWORD});
    let unknown = operator.post(None, "/auth/operator/login", &body).await;
    assert_eq!(wrong.clone().problem(401), "credentials_invalid");
    assert_eq!(unknown.clone().problem(401), "credentials_invalid");
    for name in ["type", "title", "status", "detail"] {
        assert_eq!(wrong.body[name], unknown.body[name]);
    }
    for body in [json!({}), json!({"identifier": 1, "password": PASSWORD}), json!({"identifier": "a"})] {
        operator.post(None, "/auth/operator/login", &body).await.problem(422);
    }
    let more = json!({"identifier": "a@b.example", "password": PASSWORD, "session": "cookie"});
    assert_eq!(operator.post(None, "/auth/operator/login", &more).await.problem(422), "unknown_field");
    // Somebody of a tenant is no operator, whatever they know.
    let demo = service.tenant("shared");
    let owner = demo.owner().await;
    let user = json!({"identifier": "owner@example.com", "password": PASSWORD});
    let answer = operator.post(None, "/auth/operator/login", &user).await;
    assert_eq!(answer.problem(401), "credentials_invalid");
    let token = owner.token.as_deref().unwrap();
    for path in ["/auth/operator/logout", "/auth/operator/2fa/enable", "/auth/operator/grants"] {
        assert_eq!(
            operator.post(Some(token), path, &json!({})).await.problem(401),
            "token_invalid",
            "{path}"
        );
        assert_eq!(operator.post(None, path, &json!({})).await.problem(401), "token_missing", "{path}");
    }
}

#[tokio::test]
async fn an_operators_token_opens_nothing_of_a_tenant() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "outside");
    let token = text(&operator.log_in().await["access_token"]);
    let stray = acting(&service.tenant("shared"), &token);
    for path in ["/me", "/company", "/account/users", "/audit/activity-logs", "/auth/sessions"] {
        assert_eq!(stray.get(path).await.problem(401), "token_invalid", "{path}");
    }
}

#[tokio::test]
async fn the_second_factor_is_asked_for_and_each_of_its_codes_is_good_once() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "two-factors");
    let token = text(&operator.log_in().await["access_token"]);
    let nothing = operator.post(Some(&token), "/auth/operator/2fa/confirm", &json!({"code": "000000"})).await;
    assert_eq!(nothing.problem(409), "not_pending");
    let wrong =
        operator.post(Some(&token), "/auth/operator/2fa/enable", &json!({"password": "another one"})).await;
    assert_eq!(wrong.problem(422), "password_incorrect");
    let (secret, used, backup_codes) = operator.enrol(&token).await;
    let again =
        operator.post(Some(&token), "/auth/operator/2fa/enable", &json!({"password": PASSWORD})).await;
    assert_eq!(again.problem(409), "already_enabled");

    let challenge = operator.challenge().await;
    assert_eq!(operator.totp(&challenge, "000000").await.problem(422), "otp_invalid");
    assert_eq!(operator.totp(&challenge, &used).await.problem(422), "otp_invalid", "used before");
    assert_eq!(operator.totp(&json!(uuid()), &code(&secret, 0)).await.problem(422), "challenge_invalid");

    // The same step by many at once, each with a login of its own: one gets in.
    let challenges = join_all((0..7).map(|_| operator.challenge())).await;
    let now = code(&secret, 0);
    let answers = join_all(challenges.iter().map(|challenge| operator.totp(challenge, &now))).await;
    let won: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    assert!(
        answers
            .iter()
            .filter(|answer| answer.status != 200)
            .all(|answer| answer.body["code"] == "otp_invalid")
    );
    let token = text(&won[0].body["access_token"]);
    operator.get(&token, "/tenants").await.expect(200);
    assert_eq!(operator.totp(&challenge, &now).await.problem(422), "otp_invalid");

    let challenge = operator.challenge().await;
    let body = json!({"challenge_id": challenge, "code": backup_codes[0]});
    let path = "/auth/operator/login/2fa/backup-code";
    assert_eq!(operator.post(None, path, &body).await.expect(200)["status"], "authenticated");
    let body = json!({"challenge_id": operator.challenge().await, "code": backup_codes[0]});
    assert_eq!(
        operator.post(None, path, &body).await.problem(422),
        "otp_invalid",
        "a backup code is good once"
    );
    // Ten wrong ones within the hour: nothing is looked at any more.
    let body = json!({"challenge_id": operator.challenge().await, "code": backup_codes[1]});
    assert_eq!(operator.post(None, path, &body).await.problem(429), "rate_limited");

    // Who lost it is let in again by somebody at the command line.
    run(ouvira(service.data_dir()).args([
        "operator",
        "reset-second-factor",
        "--json",
        "--email",
        &operator.email,
    ]));
    assert_eq!(operator.get(&token, "/tenants").await.problem(401), "token_invalid");
    assert_eq!(operator.log_in().await["status"], "authenticated");
}

#[tokio::test]
async fn a_challenge_takes_five_wrong_codes() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "five-wrong");
    let token = text(&operator.log_in().await["access_token"]);
    let (secret, ..) = operator.enrol(&token).await;
    let challenge = operator.challenge().await;
    for _ in 0..4 {
        assert_eq!(operator.totp(&challenge, "000000").await.problem(422), "otp_invalid");
    }
    assert_eq!(operator.totp(&challenge, "000000").await.problem(422), "otp_exhausted");
    assert_eq!(operator.totp(&challenge, &code(&secret, 0)).await.problem(422), "challenge_invalid");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_one_that_comes_back_ends_everything() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "rotates");
    let login = operator.log_in().await;
    let refresh = async |token: &Value| {
        operator.post(None, "/auth/operator/token/refresh", &json!({"refresh_token": token})).await
    };
    // The same token by many at once: all get the one successor, as after an answer that was lost.
    let answers = join_all((0..8).map(|_| refresh(&login["refresh_token"]))).await;
    let next: Vec<Value> =
        answers.into_iter().map(|answer| answer.expect(200)["refresh_token"].clone()).collect();
    assert!(next.iter().all(|token| *token == next[0]), "{next:?}");
    let third = refresh(&next[0]).await.expect(200);
    let token = text(&third["access_token"]);
    let tenant = service.tenant("shared");
    let leave = text(&operator.grant(&token, &tenant, 5).await.expect(201)["access_token"]);
    acting(&tenant, &leave).get("/company").await.expect(200);

    assert_eq!(refresh(&login["refresh_token"]).await.problem(401), "refresh_token_reused");
    assert_eq!(refresh(&third["refresh_token"]).await.problem(401), "refresh_token_invalid");
    assert_eq!(operator.get(&token, "/tenants").await.problem(401), "token_invalid");
    assert_eq!(acting(&tenant, &leave).get("/company").await.problem(401), "token_invalid");

    let whole = text(&login["refresh_token"]);
    let flipped = format!("{}{}", &whole[..40], if &whole[40..41] == "A" { "B" } else { "A" }) + &whole[41..];
    for odd in [json!(""), json!("x".repeat(75)), json!(whole[1..]), json!(flipped)] {
        assert_eq!(refresh(&odd).await.problem(401), "refresh_token_invalid", "{odd}");
    }
    // A user's is none of an operator, and the other way round.
    let owner = tenant.owner().await;
    assert_eq!(refresh(&json!(owner.refresh_token)).await.problem(401), "refresh_token_invalid");
    let ours = operator.log_in().await["refresh_token"].clone();
    let there = owner.post("/auth/token/refresh", json!({"refresh_token": ours})).await;
    assert_eq!(there.problem(401), "refresh_token_invalid");
}

#[tokio::test]
async fn by_a_grant_an_operator_acts_in_a_tenant_and_the_tenant_can_read_it() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "acts");
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let company = owner.post("/company", json!({"name": "Acme"})).await.expect(201);
        let token = text(&operator.log_in().await["access_token"]);
        let granted = operator.grant(&token, &tenant, 5).await.expect(201);
        assert_eq!(granted["expires_in"], 300, "{granted}");
        let leave = acting(&tenant, &text(&granted["access_token"]));

        // What an administrator may.
        let path = format!("/company/{}", text(&company["id"]));
        let renamed = leave.patch(&path, json!({"name": "Acme Ltd"})).await.expect(200);
        assert_eq!(renamed["name"], "Acme Ltd");
        leave.get("/account/users").await.expect(200);
        assert_eq!(leave.delete(&path).await.problem(403), "permission_denied", "only owners delete");
        // What is about oneself.
        for path in ["/account/profile", "/auth/sessions", "/audit/notifications", "/me"] {
            assert_eq!(leave.get(path).await.problem(403), "permission_denied", "{path}");
        }
        for (path, body) in [
            ("/auth/logout", json!({})),
            ("/auth/2fa/enable", json!({"password": PASSWORD})),
            (
                "/auth/password/change",
                json!({"current_password": PASSWORD, "new_password": "another engine 1844"}),
            ),
            ("/company", json!({"name": "Founded"})),
        ] {
            assert_eq!(leave.post(path, body).await.problem(403), "permission_denied", "{path}");
        }
        // Elsewhere it is nothing.
        let elsewhere = acting(&service.tenant("shared"), leave.token.as_deref().unwrap());
        assert_eq!(elsewhere.get("/company").await.problem(401), "token_invalid");
        assert_eq!(operator.get(leave.token.as_deref().unwrap(), "/tenants").await.status, 400);

        let logged = owner.get("/audit/activity-logs").await.expect(200);
        let by_operator: Vec<&Value> = logged["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["actor"]["type"] == "operator" && row["actor"]["id"] == operator.id.as_str())
            .collect();
        let actions: Vec<&Value> = by_operator.iter().map(|row| &row["action"]).collect();
        assert_eq!(actions, ["user.listed", "company.updated", "operator_grant.created"], "{logged}");
        assert_eq!(by_operator[2]["changes"]["reason"]["to"], "Ticket 7");

        // Suspended: nobody gets in, and no leave is given.
        let state = format!("/tenants/{}", text(&tenant.made["id"]));
        operator.post(Some(&token), &format!("{state}/suspend"), &json!({})).await.expect(200);
        assert_eq!(leave.get("/company").await.problem(403), "tenant_suspended");
        assert_eq!(operator.grant(&token, &tenant, 5).await.problem(409), "conflict");
        operator.post(Some(&token), &format!("{state}/resume"), &json!({})).await.expect(200);
        leave.get("/company").await.expect(200);

        operator.post(Some(&token), "/auth/operator/logout", &json!({})).await.expect(204);
        assert_eq!(leave.get("/company").await.problem(401), "token_invalid", "leave ends with its session");
    }
}

#[tokio::test]
async fn leave_has_a_reason_a_tenant_and_an_end() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "limits");
    let tenant = service.tenant("shared");
    let token = text(&operator.log_in().await["access_token"]);
    for minutes in [0, 481, -1] {
        operator.grant(&token, &tenant, minutes).await.problem(422);
    }
    for (body, code, pointer) in [
        (
            json!({"tenant_id": tenant.made["id"], "reason": " ", "minutes": 5}),
            "validation_failed",
            "/reason",
        ),
        (json!({"tenant_id": uuid(), "reason": "Ticket 7", "minutes": 5}), "unknown_reference", "/tenant_id"),
        (json!({"tenant_id": "x", "reason": "Ticket 7", "minutes": 5}), "validation_failed", "/tenant_id"),
        (json!({"tenant_id": tenant.made["id"], "minutes": 5}), "validation_failed", "/reason"),
    ] {
        let answer = operator.post(Some(&token), "/auth/operator/grants", &body).await;
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        assert_eq!(answer.problem(422), code);
    }
    // What was switched off at the command line is off at once.
    let leave = text(&operator.grant(&token, &tenant, 5).await.expect(201)["access_token"]);
    run(ouvira(service.data_dir()).args(["operator", "deactivate", "--json", "--email", &operator.email]));
    assert_eq!(operator.get(&token, "/tenants").await.problem(401), "token_invalid");
    assert_eq!(acting(&tenant, &leave).get("/company").await.problem(401), "token_invalid");
    assert_eq!(operator.log_in_with(PASSWORD).await.problem(401), "credentials_invalid");
    run(ouvira(service.data_dir()).args(["operator", "activate", "--json", "--email", &operator.email]));
    operator.log_in().await;
}

#[tokio::test]
async fn leave_and_operators_sessions_are_short_and_lapse() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "lapses");
    let login = operator.log_in().await;
    // Fifteen minutes, half an hour of rest, eight hours in all.
    assert_eq!((&login["expires_in"], &login["refresh_expires_in"]), (&json!(900), &json!(1800)));
    let token = text(&login["access_token"]);
    let tenant = service.tenant("shared");
    let granted = operator.grant(&token, &tenant, 1).await.expect(201);
    assert_eq!(granted["expires_in"], 60);
    let leave = acting(&tenant, &text(&granted["access_token"]));
    leave.get("/company").await.expect(200);

    // Its time passes, at the tenant's gate, whatever the token says.
    let past = "clock_timestamp() - interval '1 second'";
    let gate = format!(
        "UPDATE ouvira_core.gate_grants SET expires_at = {past} WHERE operator_id = '{}'",
        operator.id
    );
    service.owner_sql(&gate).await;
    assert_eq!(leave.get("/company").await.problem(401), "token_invalid");
    assert_eq!(leave.get("/account/users").await.problem(401), "token_invalid");

    let rest = format!(
        "UPDATE ouvira_catalog.operator_sessions SET expires_at = {past} WHERE operator_id = '{}'",
        operator.id
    );
    service.owner_sql(&rest).await;
    assert_eq!(operator.get(&token, "/tenants").await.problem(401), "token_invalid");
    let refresh = json!({"refresh_token": login["refresh_token"]});
    let refused = operator.post(None, "/auth/operator/token/refresh", &refresh).await;
    assert_eq!(refused.problem(401), "refresh_token_invalid");
    assert_eq!(operator.log_in().await["status"], "authenticated");
}

#[tokio::test]
async fn a_first_administrator_without_a_password_is_sent_the_means_to_choose_one() {
    let service = Service::shared().await;
    let operator = Operator::made(&service, "sends-links");
    let token = text(&operator.log_in().await["access_token"]);
    for placement in ["shared", "schema", "database"] {
        let (slug, email) = (format!("linked-{placement}"), format!("first-{placement}@example.com"));
        let new = json!({
            "slug": slug, "name": "Linked", "placement": {"mode": placement}, "admin": {"email": email},
        });
        operator.post(Some(&token), "/tenants", &new).await.expect(201);
        let message = service.message(&email, 0).await;
        let link = message["data"]["token"].as_str().unwrap_or_else(|| panic!("{message}"));
        let post = async |path: &str, body: &Value| {
            service.send(service.request("POST", path).header("X-Tenant", &slug).json(body)).await
        };
        let credentials = json!({"identifier": email, "password": PASSWORD});
        assert_eq!(post("/auth/login", &credentials).await.problem(401), "credentials_invalid");
        let chosen = json!({"token": link, "new_password": PASSWORD});
        post("/auth/password/reset", &chosen).await.expect(204);
        assert_eq!(post("/auth/password/reset", &chosen).await.problem(422), "reset_token_invalid");
        assert_eq!(post("/auth/login", &credentials).await.expect(200)["status"], "authenticated");
        assert_eq!(service.message_count(&email).await, 2, "the link, and that the password was changed");
    }
}

fn uuid() -> &'static str {
    "01890a5d-ac96-774b-bcce-b302099a8057"
}
