//! Every operation that writes leaves its row: who, on what, in which request. An operation that is not called below, or
//! leaves none, fails; the list of exceptions may only shrink.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use ouvira_common::time::{Clock as _, SystemClock};
use serde_json::{Value, json};
use totp_rs::Builder;

use super::{described, row, table::Operation, things::Things};
use crate::service::{Client, PASSWORD, Service, Tenant};

/// What leaves no row in a tenant's logs, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("check", "asks, and changes nothing"),
    ("create_notification_stream_ticket", "good for half a minute, for what its holder can read anyway"),
    // A session's beginning, its end and a token used twice are in the security log (L2); a row for each quarter of an
    // hour of every session would bury them, and cost every refresh a round trip.
    ("refresh_token", "goes on with a session that is recorded"),
    // What operators do is in the catalog's log, and shown in the tests of operators.
    ("login_operator", "catalog"),
    ("login_operator_totp", "catalog"),
    ("login_operator_backup_code", "catalog"),
    ("refresh_operator_token", "goes on with a session that is recorded"),
    ("logout_operator", "catalog"),
    ("enable_operator_two_factor", "nothing is on before it is confirmed, which is recorded"),
    ("confirm_operator_two_factor", "catalog"),
    ("grant_operator", "catalog"),
    ("create_tenant", "catalog"),
    ("patch_tenant", "catalog"),
    ("delete_tenant", "catalog"),
    ("suspend_tenant", "catalog"),
    ("resume_tenant", "catalog"),
];

/// Bodies in place of the table's, so that each call changes something.
const BODIES: &[(&str, &str)] = &[
    ("create_user_with_roles", r#"{"email": "new-two@example.com"}"#),
    ("import_users", "email\nnew-three@example.com\n"),
    ("invite_user", r#"{"email": "guest-two@example.com", "role": "VIEWER"}"#),
    ("invite_to_tenant", r#"{"email": "guest-three@example.com", "role": "VIEWER"}"#),
    ("replace_invitation", r#"{"role_ids": [], "message": "Welcome"}"#),
    ("patch_permission", r#"{"name": "Changed again"}"#),
    ("patch_role", r#"{"name": "Changed again"}"#),
    ("patch_company", r#"{"name": "Changed again"}"#),
    ("patch_company_settings", r#"{"currency": "CHF"}"#),
    ("patch_tenant_settings", r#"{"locale": "fr"}"#),
    ("replace_notification_preferences", r#"{"kinds": {"role.granted": {"in_app": true, "email": true}}}"#),
    ("create_webhook", r#"{"url": "https://192.0.9.1/another", "events": ["*"]}"#),
];

/// What is called last, in this order: each takes away what earlier ones need.
const LAST: [&str; 20] = [
    "delete_role_permission",
    "delete_user_company_role",
    "delete_user_role",
    "assign_role",
    "delete_object_grant",
    "revoke_invitation",
    "delete_invitation",
    "delete_user_company",
    "replace_role",
    "patch_role",
    "delete_role",
    "replace_permission",
    "patch_permission",
    "delete_permission",
    "delete_user",
    "delete_company",
    "restore_company",
    "delete_webhook",
    "end_other_sessions",
    "logout",
];

/// Calls with request ids that name the operation.
struct Recorded {
    service: Arc<Service>,
    called: BTreeMap<String, String>,
    /// What takes an `Idempotency-Key`.
    keyed: BTreeSet<String>,
    /// Requests that were answered without being done again.
    replayed: Vec<String>,
    failed: Vec<String>,
}

impl Recorded {
    async fn call(
        &mut self,
        client: &Client,
        id: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let request = client.request(method, path);
        self.send(id, body.iter().fold(request, reqwest::RequestBuilder::json)).await
    }

    /// Sends it under a request id of its own; what takes a key is sent once more.
    async fn send(&mut self, id: &str, request: reqwest::RequestBuilder) -> Value {
        let request_id = format!("record-{id}");
        let request = if self.keyed.contains(id) { request.header("Idempotency-Key", id) } else { request };
        let again = request.try_clone().unwrap();
        let answer = self.service.send(request.header("X-Request-Id", &request_id)).await;
        if !answer.status.is_success() {
            self.failed.push(format!("{id}: {} {}", answer.status, answer.body));
            return answer.body;
        }
        self.called.insert(id.to_owned(), request_id);
        if self.keyed.contains(id) {
            let request_id = format!("again-{id}");
            let again = self.service.send(again.header("X-Request-Id", &request_id)).await;
            assert_eq!(again.headers["idempotency-replayed"], "true", "{id}");
            self.replayed.push(request_id);
        }
        answer.body
    }

    async fn post(&mut self, client: &Client, id: &str, path: &str, body: Value) -> Value {
        self.call(client, id, "POST", path, Some(body)).await
    }

    /// A secret out of the newest message to somebody that has one, beyond those that were known.
    async fn told(&self, to: &str, known: usize, what: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let request = self.service.request("GET", "/dev/messages").query(&[("to", to)]);
            let messages = self.service.send(request).await.expect(200)["items"].as_array().unwrap().clone();
            // The newest come first.
            let new = &messages[..messages.len().saturating_sub(known)];
            if let Some(secret) = new.iter().find_map(|message| message["data"][what].as_str()) {
                return secret.to_owned();
            }
            assert!(Instant::now() < deadline, "no {what} was sent to {to}: {new:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn known(&self, to: &str) -> usize {
        self.service.message_count(to).await
    }

    /// One after the other, whatever the table says of them.
    async fn generic(
        &mut self,
        owner: &Client,
        operation: &Operation,
        method: &str,
        path: &str,
        things: &Things,
    ) {
        let mut path = path.to_owned();
        while let Some((start, end)) = path.find('{').zip(path.find('}')) {
            path.replace_range(start..=end, &things.id(operation.on));
        }
        let request = owner.request(method, &path);
        let body = BODIES.iter().find(|(id, _)| *id == operation.id).map_or(operation.body, |(_, body)| body);
        let request = match body {
            "" => request,
            csv if !csv.starts_with('{') => request.header("content-type", "text/csv").body(csv),
            json => request.json(&things.fill(json)),
        };
        self.send(operation.id, request).await;
    }

    /// What has to be given to something that has none yet, and what needs something that came of another call.
    async fn given(&mut self, owner: &Client, things: &Things) {
        let id = |made: &Value| made["id"].clone();
        let company = id(&self.post(owner, "create_company", "/company", json!({"name": "Other"})).await);
        let made = json!({"email": "new@example.com"});
        let user = id(&self.post(owner, "create_user", "/account/users", made).await);
        let access = "/access-control";
        let made = json!({"code": "report.print", "name": "Print reports"});
        let path = format!("{access}/permissions");
        let permission = id(&self.post(owner, "create_permission", &path, made).await);
        let made = json!({"name": "Printer"});
        let role = id(&self.post(owner, "create_role", &format!("{access}/roles"), made).await);
        let given = json!({"role_id": role, "permission_id": permission});
        let path = format!("{access}/role-permissions");
        self.post(owner, "create_role_permission", &path, given).await;
        let given = json!({"user_id": user, "company_id": company});
        let path = format!("{access}/user-companies");
        let membership = id(&self.post(owner, "create_user_company", &path, given).await);
        let given = json!({"user_company_id": membership, "role_id": role});
        let path = format!("{access}/user-company-roles");
        self.post(owner, "create_user_company_role", &path, given).await;
        let given = json!({"user_id": user, "role_id": role});
        self.post(owner, "create_user_role", "/user-roles", given).await;
        let given = json!({"user_id": user, "permission": "company.read", "object_type": "company", "object_id": company});
        let path = format!("{access}/object-grants");
        self.post(owner, "create_object_grant", &path, given).await;

        // The thing's webhook listens to this.
        let path = format!("/company/{}/move", things.id("company"));
        self.post(owner, "move_company", &path, json!({"parent_id": company})).await;
        let path = format!("/audit/webhooks/{}/deliveries", things.id("webhook"));
        let delivery = first(owner, &path).await;
        let path = format!("{path}/{}/replay", delivery["id"].as_str().unwrap());
        self.call(owner, "replay_webhook_delivery", "POST", &path, None).await;
    }

    /// Signing up, in and out, and everything about one's own account.
    async fn accounts(&mut self, tenant: &Tenant, owner: &Client) {
        let nobody = tenant.anonymous();
        let address = "flow@example.com";
        let known = self.known(address).await;
        let challenge = self.post(&nobody, "sign_up", "/auth/signup", json!({"email": address})).await;
        let code = self.told(address, known, "code").await;
        let verify = json!({"challenge_id": challenge["challenge_id"], "code": code});
        let verified = self.post(&nobody, "verify_otp", "/auth/verify-otp", verify).await;
        let finalize =
            json!({"signup_token": verified["signup_token"], "password": PASSWORD, "phone": "+33612345678"});
        self.post(&nobody, "finalize_signup", "/auth/finalize-signup", finalize).await;
        let login = json!({"identifier": address, "password": PASSWORD});
        let signed_in = self.post(&nobody, "login", "/auth/login", login.clone()).await;
        let mut user = tenant.client(&signed_in);
        let refresh = json!({"refresh_token": user.refresh_token});
        let pair = self.post(&nobody, "refresh_token", "/auth/token/refresh", refresh).await;
        user.token = pair["access_token"].as_str().map(str::to_owned);

        // A step of the clock is good once; these three are of three steps, in order.
        let at = step_that_lasts().await;
        let password = json!({"password": PASSWORD});
        let enabled = self.post(&user, "enable_two_factor", "/auth/2fa/enable", password.clone()).await;
        let code = |steps: i64| totp(enabled["secret"].as_str().unwrap(), at + 30 * steps);
        let confirm = json!({"code": code(-1)});
        let confirmed = self.post(&user, "confirm_two_factor", "/auth/2fa/confirm", confirm).await;
        let backup = confirmed["backup_codes"][0].as_str().unwrap().to_owned();
        let challenge = nobody.post("/auth/login", login.clone()).await.expect(200)["challenge_id"].clone();
        let answer = json!({"challenge_id": challenge, "code": code(0)});
        self.post(&nobody, "login_totp", "/auth/login/2fa/totp", answer).await;
        let challenge = nobody.post("/auth/login", login.clone()).await.expect(200)["challenge_id"].clone();
        let answer = json!({"challenge_id": challenge, "code": backup});
        self.post(&nobody, "login_backup_code", "/auth/login/2fa/backup-code", answer).await;
        let renew = json!({"password": PASSWORD, "code": code(1)});
        self.post(&user, "renew_backup_codes", "/auth/2fa/backup-codes", renew).await;
        first(&user, "/audit/notifications").await;
        let path = "/audit/notifications/mark-read";
        self.post(&user, "mark_notifications_read", path, json!({"all": true})).await;

        // Somebody else, whose factor goes again.
        let mut other = tenant.sign_up("flow-two@example.com").await;
        let at = step_that_lasts().await;
        let enabled = other.post("/auth/2fa/enable", password.clone()).await.expect(200);
        let code = |steps: i64| totp(enabled["secret"].as_str().unwrap(), at + 30 * steps);
        other.post("/auth/2fa/confirm", json!({"code": code(-1)})).await.expect(200);
        let disable = json!({"password": PASSWORD, "code": code(0)});
        self.post(&other, "disable_two_factor", "/auth/2fa/disable", disable).await;
        let pair = self.post(&other, "reauthenticate", "/auth/reauthenticate", password).await;
        other.token = pair["access_token"].as_str().map(str::to_owned);

        let to = "flow-three@example.com";
        let known = self.known(to).await;
        let change = json!({"email": to});
        let challenge = self.post(&other, "change_email", "/account/profile/email", change).await;
        let code = self.told(to, known, "code").await;
        let confirm = json!({"challenge_id": challenge["challenge_id"], "code": code});
        self.post(&other, "confirm_email", "/account/profile/email/confirm", confirm).await;
        let to = "+33612345679";
        let known = self.known(to).await;
        let change = json!({"phone": to});
        let challenge = self.post(&other, "change_phone", "/account/profile/phone", change).await;
        let code = self.told(to, known, "code").await;
        let confirm = json!({"challenge_id": challenge["challenge_id"], "code": code});
        self.post(&other, "confirm_phone", "/account/profile/phone/confirm", confirm).await;

        let new = "another engine of 1843";
        let change = json!({"current_password": PASSWORD, "new_password": new});
        self.post(&other, "change_password", "/auth/password/change", change).await;
        let to = "flow-three@example.com";
        let known = self.known(to).await;
        self.post(&nobody, "forgot_password", "/auth/password/forgot", json!({"email": to})).await;
        let token = self.told(to, known, "token").await;
        let reset = json!({"token": token, "new_password": PASSWORD});
        self.post(&nobody, "reset_password", "/auth/password/reset", reset).await;

        // Somebody with a phone, whose e-mail address is only a claim.
        let (phone, claimed) = ("+33612345680", "claimed@example.com");
        let known = self.known(phone).await;
        let challenge = nobody.post("/auth/signup", json!({"phone": phone})).await.expect(202);
        let code = self.told(phone, known, "code").await;
        let verify = json!({"challenge_id": challenge["challenge_id"], "code": code});
        let verified = nobody.post("/auth/verify-otp", verify).await.expect(200);
        let finalize =
            json!({"signup_token": verified["signup_token"], "password": PASSWORD, "email": claimed});
        let caller = tenant.client(&nobody.post("/auth/finalize-signup", finalize).await.expect(201));
        let known = self.known(claimed).await;
        self.call(&caller, "resend_email", "POST", "/auth/email/resend", None).await;
        let token = self.told(claimed, known, "token").await;
        self.post(&nobody, "verify_email", "/auth/email/verify", json!({"token": token})).await;

        for (id, path) in [
            ("accept_invitation", "/access-control/invitations/accept"),
            ("accept_invite", "/users/accept-invite"),
        ] {
            let to = format!("{id}@example.com").replace('_', "-");
            let known = self.known(&to).await;
            owner.post("/users/invite", json!({"email": to, "role": "VIEWER"})).await.expect(201);
            let token = self.told(&to, known, "token").await;
            self.post(&nobody, id, path, json!({"token": token, "password": PASSWORD})).await;
        }
    }
}

fn totp(secret: &str, at: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = Builder::new().with_secret(secret).with_account_name("user").build().unwrap();
    totp.generate(u64::try_from(at).unwrap()).to_string()
}

fn now() -> i64 {
    SystemClock.now().timestamp()
}

/// Now, at the beginning of a step of the one-time codes, so that it is still the same when they are typed.
async fn step_that_lasts() -> i64 {
    while now() % 30 > 10 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    now()
}

/// The first of a list, once there is one.
async fn first(client: &Client, path: &str) -> Value {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let found = client.get(path).await.expect(200)["items"][0].clone();
        if !found.is_null() {
            return found;
        }
        assert!(Instant::now() < deadline, "{path} stays empty");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Everything in a log, by request.
async fn log(owner: &Client, path: &str) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = owner.get(&format!("{path}limit=100{cursor}")).await.expect(200);
        // What became of a message is the worker's row, not the operation's.
        let of_worker =
            |row: &&Value| row["event"].as_str().is_some_and(|event| event.starts_with("message."));
        for row in page["items"].as_array().unwrap().iter().filter(|row| !of_worker(row)) {
            found
                .entry(row["request_id"].as_str().unwrap_or_default().to_owned())
                .or_default()
                .push(row.clone());
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn every_operation_that_writes_leaves_its_row() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let things = Things::made_by(&owner).await;
    let mut operations = described(&service).await;
    let keyed = operations.iter().filter(|operation| operation.keyed);
    let mut recorded = Recorded {
        service: Arc::clone(&service),
        called: BTreeMap::new(),
        keyed: keyed.map(|operation| operation.id.clone()).collect(),
        replayed: Vec::new(),
        failed: Vec::new(),
    };
    // Another code is sent a minute later at the earliest, which is when the rest is done.
    let nobody = tenant.anonymous();
    let waiting = nobody.post("/auth/signup", json!({"email": "patient@example.com"})).await.expect(202);
    let since = Instant::now();
    recorded.accounts(&tenant, &owner).await;
    let spare = tenant.owner().await;
    let sessions = spare.get("/auth/sessions").await.expect(200);
    let ended =
        sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    let path = format!("/auth/sessions/{}", ended["id"].as_str().unwrap());
    recorded.call(&owner, "end_session", "DELETE", &path, None).await;
    recorded.given(&owner, &things).await;

    operations.retain(|operation| operation.method != "GET");
    operations
        .sort_by_key(|operation| LAST.iter().position(|id| *id == operation.id).map_or(0, |place| place + 1));
    let excepted: BTreeSet<&str> = EXCEPTIONS.iter().map(|(id, _)| *id).collect();
    for operation in &operations {
        let done = recorded.called.contains_key(&operation.id) || excepted.contains(operation.id.as_str());
        if !done && operation.id != "resend_otp" {
            let row = row(operation);
            recorded.generic(&owner, row, &operation.method, &operation.path, &things).await;
        }
    }
    tokio::time::sleep(Duration::from_secs(61).saturating_sub(since.elapsed())).await;
    let again = json!({"challenge_id": waiting["challenge_id"]});
    recorded.post(&nobody, "resend_otp", "/auth/resend-otp", again).await;
    assert!(recorded.failed.is_empty(), "{:#?}", recorded.failed);

    let reader = tenant.owner().await;
    // What is sensitive is recorded when it is read, too.
    let reads = [
        ("list_users", "/account/users".to_owned()),
        ("read_user", format!("/account/users/{}", recorded_user(&reader).await)),
        ("list_activity_logs", "/audit/activity-logs".to_owned()),
        ("list_security_logs", "/audit/security-logs?all=true".to_owned()),
    ];
    for (id, path) in &reads {
        recorded.call(&reader, id, "GET", path, None).await;
    }

    let activities = log(&reader, "/audit/activity-logs?").await;
    let events = log(&reader, "/audit/security-logs?all=true&").await;
    let mut wrong = Vec::new();
    for (id, request_id) in &recorded.called {
        for row in activities.get(request_id).into_iter().flatten() {
            let known = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
            assert!(known(&row["actor"]["type"]) && known(&row["actor"]["id"]), "{id}: {row}");
            assert!(known(&row["object"]["type"]) && known(&row["object"]["id"]), "{id}: {row}");
            assert!(row["action"].as_str().unwrap().contains('.'), "{id}: {row}");
        }
        let leaves_row = activities.contains_key(request_id) || events.contains_key(request_id);
        if leaves_row == excepted.contains(id.as_str()) {
            wrong.push(format!("{id}: {leaves_row}"));
        }
    }
    assert!(wrong.is_empty(), "whether these left a row is not as expected: {wrong:?}");
    let twice: Vec<_> = recorded.replayed.iter().filter(|id| activities.contains_key(*id)).collect();
    assert!(!recorded.replayed.is_empty() && twice.is_empty(), "these were done again: {twice:?}");
}

/// Somebody who is not the reader.
async fn recorded_user(reader: &Client) -> String {
    let users = reader.get("/account/users").await.expect(200);
    let mut ids =
        users["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned());
    ids.find(|id| *id != reader.user_id).unwrap()
}
