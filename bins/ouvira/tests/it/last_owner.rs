//! A company and a tenant keep an owner, whatever is done to the last two of them at the same moment.

use serde_json::{Value, json};

use crate::service::{Client, Service, Tenant};

/// What can end somebody's ownership.
#[derive(Debug, Clone, Copy)]
enum End {
    TakeRole,
    TakeMemberRole,
    Suspend,
    Remove,
    Deactivate,
    Delete,
}

impl End {
    const OF_COMPANY: [Self; 6] =
        [Self::TakeRole, Self::TakeMemberRole, Self::Suspend, Self::Remove, Self::Deactivate, Self::Delete];
    const OF_TENANT: [Self; 3] = [Self::TakeRole, Self::Deactivate, Self::Delete];

    /// Done by `by` to `owner`: the status and code.
    async fn done(self, by: &Client, owner: &Ownership) -> (u16, Value) {
        let user = format!("/account/users/{}", owner.user);
        let membership = format!("/access-control/user-companies/{}", owner.membership);
        let (method, path, body) = match self {
            Self::TakeRole => ("DELETE", format!("/user-roles/{}", owner.role), None),
            Self::TakeMemberRole => {
                ("DELETE", format!("/access-control/user-company-roles/{}", owner.role), None)
            }
            Self::Suspend => ("PUT", membership, Some(json!({"status": "suspended"}))),
            Self::Remove => ("DELETE", membership, None),
            Self::Deactivate => ("PATCH", user, Some(json!({"is_active": false}))),
            Self::Delete => ("DELETE", user, None),
        };
        let request = by.request(method, &path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = by.service().send(request).await;
        (answer.status.as_u16(), answer.body["code"].clone())
    }
}

/// Somebody as an owner.
struct Ownership {
    user: String,
    role: String,
    membership: String,
}

fn id(thing: &Value) -> String {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}")).to_owned()
}

/// One of the two ended, and the other was kept for being the last.
#[track_caller]
fn one_is_kept(what: &str, outcomes: &[(u16, Value); 2]) {
    let refused = (409, json!("last_owner"));
    let kept = outcomes.iter().filter(|outcome| **outcome == refused).count();
    let ended = outcomes.iter().filter(|(status, _)| *status < 300).count();
    assert_eq!((ended, kept), (1, 1), "{what}: {outcomes:?}");
}

#[tokio::test]
async fn a_companys_last_two_owners_ended_at_once_in_any_two_ways_leave_one() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let root = tenant.owner().await;
    let mut number = 0;
    for (place, one) in End::OF_COMPANY.into_iter().enumerate() {
        for other in End::OF_COMPANY.into_iter().skip(place) {
            number += 1;
            let company =
                root.post("/company", json!({"name": format!("Company {number}")})).await.expect(201);
            let owners = [own(&root, &company, number, 0).await, own(&root, &company, number, 1).await];
            // The founder steps back: the two are the last.
            let filter = format!("user_id={}&company_id={}", root.user_id, id(&company));
            let founders = root.get(&format!("/access-control/user-companies?{filter}")).await.expect(200);
            let founder = id(&founders["items"][0]);
            root.delete(&format!("/access-control/user-companies/{founder}")).await.expect(204);

            let [first, second] = &owners;
            let outcomes = futures_util::join!(one.done(&root, first), other.done(&root, second));
            one_is_kept(&format!("{one:?} and {other:?}"), &outcomes.into());
        }
    }
}

/// A new user who owns `company`.
async fn own(root: &Client, company: &Value, number: u32, which: u32) -> Ownership {
    let email = json!({"email": format!("owner-{number}-{which}@example.com")});
    let user = id(&root.post("/account/users", email).await.expect(201));
    let given = json!({"user_id": user, "role": "OWNER", "company_id": company["id"]});
    let role = id(&root.post("/roles/assign", given).await.expect(201));
    let memberships = root.get(&format!("/access-control/user-companies?user_id={user}")).await.expect(200);
    Ownership { user, role, membership: id(&memberships["items"][0]) }
}

#[tokio::test]
async fn a_tenants_last_two_owners_who_end_each_other_at_once_leave_one() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let mut left = tenant.owner().await;
    let mut number = 0;
    for (place, one) in End::OF_TENANT.into_iter().enumerate() {
        for other in End::OF_TENANT.into_iter().skip(place) {
            number += 1;
            let second = co_owner(&tenant, &left, number).await;
            let (mine, theirs) = (ownership(&left, &left).await, ownership(&left, &second).await);
            let outcomes = futures_util::join!(one.done(&left, &theirs), other.done(&second, &mine));
            let second_ended = outcomes.0.0 < 300;
            // The one who was ended first may find that already: their token, or their right, is worth nothing.
            let (ended, kept) = if second_ended { outcomes } else { (outcomes.1, outcomes.0) };
            assert!(ended.0 < 300, "{one:?} and {other:?}: {ended:?} {kept:?}");
            let refusals = [
                (409, json!("last_owner")),
                (401, json!("token_invalid")),
                (403, json!("permission_denied")),
                (403, json!("cannot_grant")),
                (404, json!("not_found")),
            ];
            assert!(refusals.contains(&kept), "{one:?} and {other:?}: {kept:?}");
            if !second_ended {
                left = second;
            }
            let me = left.get("/me").await.expect(200);
            assert!(me["permissions"].as_array().unwrap().contains(&json!("tenant.settings")), "{me}");
        }
    }
}

async fn co_owner(tenant: &Tenant, owner: &Client, number: u32) -> Client {
    let second = tenant.sign_up(&format!("co-owner-{number}@{}.example", tenant.slug)).await;
    owner.post("/roles/assign", json!({"user_id": second.user_id, "role": "OWNER"})).await.expect(201);
    second
}

/// How `whose` owns the tenant.
async fn ownership(reader: &Client, whose: &Client) -> Ownership {
    let held = reader.get(&format!("/user-roles?user_id={}", whose.user_id)).await.expect(200);
    let owns = held["items"].as_array().unwrap().iter().find(|held| held["role"]["code"] == "owner").unwrap();
    Ownership { user: whose.user_id.clone(), role: id(owns), membership: String::new() }
}
