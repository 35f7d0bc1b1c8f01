//! Invitations through the real binary: what each promises, and what it does not give away.

use serde_json::{Value, json};

use crate::service::{Answer, Client, PASSWORD, Service, Tenant};

const INVITATIONS: &str = "/access-control/invitations";

/// A tenant, and a company in it that its owner founded.
struct House {
    service: std::sync::Arc<Service>,
    tenant: Tenant,
    owner: Client,
    company: Value,
}

impl House {
    async fn new(placement: &str) -> Self {
        let service = Service::shared().await;
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let company = owner.post("/company", json!({"name": "Engines"})).await.expect(201);
        Self { service, tenant, owner, company }
    }

    /// An address of this tenant alone: the inbox is everybody's.
    fn address(&self, name: &str) -> String {
        format!("{name}@{}.example", self.tenant.slug)
    }

    async fn role(&self, code: &str) -> Value {
        let roles = self.owner.get("/access-control/roles?limit=100").await.expect(200);
        let found = roles["items"].as_array().unwrap().iter().find(|role| role["code"] == code);
        found.unwrap_or_else(|| panic!("no role {code}"))["id"].clone()
    }

    /// An invitation to the company, and the token that was mailed.
    async fn invited(&self, by: &Client, to: &str, roles: Value) -> (Value, Value) {
        let known = self.service.message_count(to).await;
        let member = if to.contains('@') { "email" } else { "phone" };
        let body = json!({member: to, "company_id": self.company["id"], "role_ids": roles});
        let invitation = by.post(INVITATIONS, body).await.expect(201);
        (invitation, self.service.message(to, known).await["data"]["token"].clone())
    }

    /// Somebody new accepts.
    async fn accept(&self, token: &Value) -> Answer {
        let body = json!({"token": token, "password": PASSWORD, "first_name": "Grace"});
        self.tenant.anonymous().post(&format!("{INVITATIONS}/accept"), body).await
    }

    async fn roles_of(&self, user: &Value) -> Vec<Value> {
        let held =
            self.owner.get(&format!("/user-roles?user_id={}", user.as_str().unwrap())).await.expect(200);
        held["items"].as_array().unwrap().iter().map(|held| held["role"]["code"].clone()).collect()
    }
}

fn path(invitation: &Value) -> String {
    format!("{INVITATIONS}/{}", invitation["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_invitation_makes_an_account_once_with_what_it_says_in_every_placement() {
    for placement in ["shared", "schema", "database"] {
        let house = House::new(placement).await;
        let stranger = Service::shared().await.tenant("shared");
        for to in [house.address("grace"), "+33612345678".to_owned()] {
            let (invitation, token) =
                house.invited(&house.owner, &to, json!([house.role("member").await])).await;
            assert!(!invitation.to_string().contains(token.as_str().unwrap()), "the token is only mailed");

            // It is nothing at another tenant.
            let body = json!({"token": token, "password": PASSWORD});
            let elsewhere = stranger.anonymous().post("/users/accept-invite", body).await;
            assert_eq!(elsewhere.problem(422), "invitation_invalid");

            let login = house.accept(&token).await.expect(200);
            let grace = house.tenant.client(&login);
            let profile = grace.get("/account/profile").await.expect(200);
            let member = if to.contains('@') { "email" } else { "phone" };
            assert_eq!(
                (&profile[member], &profile[format!("{member}_verified")]),
                (&json!(to), &json!(true))
            );
            let me = grace.get("/me").await.expect(200);
            assert_eq!(me["companies"][0]["company"]["id"], house.company["id"]);
            assert_eq!(me["companies"][0]["roles"], json!(["member"]), "{me}");

            assert_eq!(house.accept(&token).await.problem(422), "invitation_invalid");
            let accepted = house.owner.get(&path(&invitation)).await.expect(200);
            assert_eq!(accepted["status"], "accepted", "{accepted}");
            let late = house.owner.post(&format!("{}/revoke", path(&invitation)), json!({})).await;
            assert_eq!(late.problem(409), "not_pending");
        }
    }
}

#[tokio::test]
async fn who_has_an_account_accepts_signed_in_and_for_a_verified_address_of_theirs() {
    let house = House::new("shared").await;
    let (ada, eve) = (house.address("ada"), house.address("eve"));
    let (ada_signed_in, eve_signed_in) = (house.tenant.sign_up(&ada).await, house.tenant.sign_up(&eve).await);
    let (_, token) =
        house.invited(&house.owner, &ada.to_uppercase(), json!([house.role("viewer").await])).await;
    let accept = format!("{INVITATIONS}/accept");
    let body = json!({"token": token});

    assert_eq!(house.accept(&token).await.problem(409), "account_exists");
    assert_eq!(eve_signed_in.post(&accept, body.clone()).await.problem(403), "invitation_not_yours");
    // A claim to the address is not the address.
    let (_, claimed) = house.invited(&house.owner, &house.address("claimed"), json!([])).await;
    let claims =
        eve_signed_in.post("/account/profile/email", json!({"email": house.address("claimed")})).await;
    claims.expect(202);
    let refused = eve_signed_in.post(&accept, json!({"token": claimed})).await;
    assert_eq!(refused.problem(403), "invitation_not_yours");

    let membership = ada_signed_in.post(&accept, body.clone()).await.expect(200)["membership"].clone();
    assert_eq!(
        (&membership["user_id"], &membership["company_id"], &membership["status"]),
        (&json!(ada_signed_in.user_id), &house.company["id"], &json!("active"))
    );
    assert_eq!(ada_signed_in.post(&accept, body).await.problem(422), "invitation_invalid");
    assert_eq!(house.roles_of(&membership["user_id"]).await, [json!("viewer")]);
}

#[tokio::test]
async fn revoked_resent_changed_and_expired_ones_are_what_they_say() {
    let house = House::new("shared").await;
    let to = |name: &str| house.address(name);
    let (revoked, dead) = house.invited(&house.owner, &to("revoked"), json!([])).await;
    let answer = house.owner.post(&format!("{}/revoke", path(&revoked)), json!({})).await.expect(200);
    assert_eq!(answer["status"], "revoked");
    assert_eq!(house.accept(&dead).await.problem(422), "invitation_invalid");
    for verb in ["revoke", "resend"] {
        let again = house.owner.post(&format!("{}/{verb}", path(&revoked)), json!({})).await;
        assert_eq!(again.problem(409), "not_pending", "{verb}");
    }

    let (resent, old) = house.invited(&house.owner, &to("resent"), json!([])).await;
    house.owner.post(&format!("{}/resend", path(&resent)), json!({})).await.expect(200);
    let new = house.service.message(&to("resent"), 1).await["data"]["token"].clone();
    assert_ne!(old, new);
    assert_eq!(house.accept(&old).await.problem(422), "invitation_invalid");

    // A change mails nothing and keeps the token; what counts is what it says in the end.
    let (changed, token) =
        house.invited(&house.owner, &to("changed"), json!([house.role("admin").await])).await;
    let roles = json!({"role_ids": [house.role("viewer").await], "message": "Welcome"});
    let request = house.owner.request("PUT", &path(&changed)).json(&roles);
    house.service.send(request).await.expect(200);

    let (expired, lapsed) = house.invited(&house.owner, &to("expired"), json!([])).await;
    let past = format!(
        "BEGIN; SET LOCAL app.maintenance TO 'on'; \
         UPDATE ouvira_shared.invitations SET expires_at = now() - interval '1 second' WHERE id = '{}'; COMMIT",
        expired["id"].as_str().unwrap()
    );
    house.service.owner_sql(&past).await;
    assert_eq!(house.accept(&lapsed).await.problem(422), "invitation_invalid");

    let listed = async |status: &str| {
        let page = house.owner.get(&format!("{INVITATIONS}?status={status}")).await.expect(200);
        let mut ids: Vec<_> =
            page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        ids.sort_by_key(ToString::to_string);
        ids
    };
    assert_eq!(listed("pending").await, [resent["id"].clone(), changed["id"].clone()]);
    assert_eq!(listed("expired").await, [expired["id"].clone()]);
    assert_eq!(listed("revoked").await, [revoked["id"].clone()]);

    house.accept(&new).await.expect(200);
    let login = house.accept(&token).await.expect(200);
    assert_eq!(house.roles_of(&login["user"]["id"]).await, [json!("viewer")]);
    assert_eq!(house.service.message_count(&to("changed")).await, 1);
    assert_eq!(listed("accepted").await.len(), 2);
    // Sent again, an expired one can be accepted.
    house.owner.post(&format!("{}/resend", path(&expired)), json!({})).await.expect(200);
    let fresh = house.service.message(&to("expired"), 1).await["data"]["token"].clone();
    house.accept(&fresh).await.expect(200);
}

/// Somebody who may invite to the company and give what an administrator holds there.
async fn inviter(house: &House, name: &str) -> (Client, Value) {
    let inviter = house.tenant.sign_up(&house.address(name)).await;
    let given = json!({"user_id": inviter.user_id, "role": "ADMIN", "company_id": house.company["id"]});
    let given = house.owner.post("/roles/assign", given).await.expect(201);
    (inviter, given["id"].clone())
}

#[tokio::test]
async fn an_invitation_gives_no_more_than_its_inviter_holds_when_it_is_accepted() {
    let house = House::new("shared").await;
    let roles = json!([house.role("admin").await, house.role("viewer").await]);
    let held = |id: &Value| format!("/user-roles/{}", id.as_str().unwrap());

    // Demoted to somebody who still invites, and gives what a viewer holds: that much is given.
    let (bob, his) = inviter(&house, "bob").await;
    let (_, token) = house.invited(&bob, &house.address("one"), roles.clone()).await;
    let clerk = json!({
        "name": "Clerk", "company_id": house.company["id"],
        "permissions": ["invitation.manage", "invitation.read", "role.grant", "company.read"],
    });
    let clerk = house.owner.post("/access-control/roles", clerk).await.expect(201);
    let given = json!({"user_id": bob.user_id, "role_id": clerk["id"], "company_id": house.company["id"]});
    house.owner.post("/user-roles", given).await.expect(201);
    house.owner.delete(&held(&his)).await.expect(204);
    let login = house.accept(&token).await.expect(200);
    assert_eq!(house.roles_of(&login["user"]["id"]).await, [json!("viewer")]);

    // Who may no longer invite, was switched off, or is gone has invited nobody.
    let (carl, his) = inviter(&house, "carl").await;
    let (carls, of_carl) = house.invited(&carl, &house.address("two"), roles.clone()).await;
    house.owner.delete(&held(&his)).await.expect(204);
    let (dora, _) = inviter(&house, "dora").await;
    let (_, of_dora) = house.invited(&dora, &house.address("three"), roles.clone()).await;
    let off =
        house.owner.patch(&format!("/account/users/{}", dora.user_id), json!({"is_active": false})).await;
    off.expect(200);
    let (emil, _) = inviter(&house, "emil").await;
    let (_, of_emil) = house.invited(&emil, &house.address("four"), roles.clone()).await;
    house.owner.delete(&format!("/account/users/{}", emil.user_id)).await.expect(204);
    for token in [&of_carl, &of_dora, &of_emil] {
        assert_eq!(house.accept(token).await.problem(422), "invitation_invalid");
    }
    let users = house.owner.get("/account/users?limit=100").await.expect(200).to_string();
    for name in ["two", "three", "four"] {
        assert!(!users.contains(&house.address(name)), "nothing came of it");
    }
    // Somebody else may take it over: then it is their invitation.
    house.owner.post(&format!("{}/resend", path(&carls)), json!({})).await.expect(200);
    let taken_over = house.service.message(&house.address("two"), 1).await["data"]["token"].clone();
    let login = house.accept(&taken_over).await.expect(200);
    assert_eq!(house.roles_of(&login["user"]["id"]).await, [json!("admin"), json!("viewer")]);
}

#[tokio::test]
async fn malformed_ones_are_told_field_by_field_and_send_nothing() {
    let house = House::new("shared").await;
    let viewer = house.role("viewer").await;
    let to = house.address("nobody");
    let many: Vec<_> = (0..21).map(|_| viewer.clone()).collect();
    for (body, pointer, code) in [
        (json!({"role_ids": []}), "/email", "required"),
        (json!({"email": to, "phone": "+33612345678", "role_ids": []}), "/phone", "exclusive"),
        (json!({"email": "nobody", "role_ids": []}), "/email", "invalid_email"),
        (json!({"phone": "0612345678", "role_ids": []}), "/phone", "invalid_phone"),
        (json!({"email": to, "role_ids": ["viewer"]}), "/role_ids/0", "invalid_format"),
        (json!({"email": to, "role_ids": many}), "/role_ids", "too_many"),
        (json!({"email": to, "role_ids": [], "message": "x".repeat(1001)}), "/message", "too_long"),
        (json!({"email": to, "role_ids": [], "message": "a\u{7}b"}), "/message", "control_characters"),
        (json!({"email": to, "role_ids": [], "token": "mine"}), "/token", "unknown_field"),
    ] {
        let refused = house.owner.post(INVITATIONS, body.clone()).await;
        let error = &refused.body["errors"][0];
        assert_eq!(
            (&error["pointer"], &error["code"]),
            (&json!(pointer), &json!(code)),
            "{body}: {}",
            refused.body
        );
        refused.problem(422);
    }
    assert_eq!(house.owner.get(INVITATIONS).await.expect(200)["items"], json!([]));
    for token in [json!(""), json!("x"), json!("x".repeat(5000))] {
        assert_eq!(house.accept(&token).await.problem(422), "invitation_invalid", "{token}");
    }
}

#[tokio::test]
async fn accepted_fifty_times_at_once_it_makes_one_member() {
    let house = House::new("shared").await;
    let address = house.address("grace");
    let grace = house.tenant.sign_up(&address).await;
    let (_, token) = house.invited(&house.owner, &address, json!([])).await;
    let accept = format!("{INVITATIONS}/accept");
    let answers = (0..50).map(|_| grace.post(&accept, json!({"token": token})));
    let answers = futures_util::future::join_all(answers).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status.as_u16() == 200);
    assert_eq!((won.len(), lost.len()), (1, 49));
    for answer in lost {
        assert_eq!(answer.problem(422), "invitation_invalid");
    }
    let members =
        format!("/access-control/user-companies?company_id={}", house.company["id"].as_str().unwrap());
    assert_eq!(house.owner.get(&members).await.expect(200)["items"].as_array().unwrap().len(), 2);
}
