//! Two edits of one version: one of them is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::id;
use crate::{
    completeness::things::Things,
    service::{Answer, Client, Service},
};

async fn send(somebody: &Client, method: &str, path: &str, if_match: &str, body: &Value) -> Answer {
    let request = somebody.request(method, path).header("If-Match", if_match);
    let request = if body.is_null() { request } else { request.json(body) };
    somebody.service().send(request).await
}

fn tag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

/// A way to change something, and two bodies for it.
type Edit = (&'static str, [Value; 2]);

/// Path, the ways to change it, and whether it can be deleted.
fn resources(things: &Things, tenant: &str) -> Vec<(String, Vec<Edit>, bool)> {
    let names = |member: &str| [json!({member: "One"}), json!({member: "Two"})];
    let at = |path: &str, kind: &str| format!("{path}/{}", things.id(kind));
    let settings = format!("{}/settings", at("/company", "company"));
    let memberships = [json!({"title": "One"}), json!({"title": "Two"})];
    let currencies = |first: &str| [json!({"currency": first}), json!({"currency": "SEK"})];
    let zones = [json!({"timezone": "Europe/Paris"}), json!({"timezone": "Europe/Berlin"})];
    vec![
        (
            "/account/profile".to_owned(),
            vec![("PUT", names("first_name")), ("PATCH", names("last_name"))],
            false,
        ),
        (at("/account/users", "user"), vec![("PATCH", names("first_name"))], true),
        (settings, vec![("PUT", currencies("CHF")), ("PATCH", currencies("EUR"))], false),
        (at("/access-control/invitations", "invitation"), vec![("PUT", names("message"))], true),
        (at("/access-control/user-companies", "membership"), vec![("PUT", memberships)], true),
        (
            at("/access-control/permissions", "permission"),
            vec![("PATCH", names("name")), ("PATCH", names("description"))],
            true,
        ),
        (
            at("/access-control/roles", "role"),
            vec![("PUT", names("name")), ("PATCH", names("description"))],
            false,
        ),
        (at("/company", "company"), vec![("PUT", names("name")), ("PATCH", names("legal_name"))], true),
        (format!("/tenants/{tenant}/settings"), vec![("PATCH", zones)], false),
    ]
}

#[tokio::test]
async fn whoever_edits_a_version_that_is_past_is_told_and_changes_nothing() {
    let service = Service::shared().await;
    for placement in ["shared", "schema", "database"] {
        let tenant = service.tenant(placement);
        let owner = tenant.owner().await;
        let things = Things::made_by(&owner).await;
        let tenant = things.id("tenant");
        for (path, edits, deletable) in resources(&things, &tenant) {
            let past = tag(&owner.get(&path).await);
            for (method, [first, second]) in &edits {
                let present = tag(&owner.get(&path).await);
                let edited = send(&owner, method, &path, &present, first).await;
                assert_ne!(tag(&edited), present, "{method} {path}");
                let shown = edited.expect(200);
                for stale in [&present, &past, &"\"0\"".to_owned()] {
                    let refused = send(&owner, method, &path, stale, second).await;
                    assert_eq!(refused.problem(412), "version_mismatch", "{method} {path} {stale}");
                }
                for malformed in ["1", "W/\"1\"", "\"one\"", "\"1\", \"2\"", ""] {
                    let refused = send(&owner, method, &path, malformed, second).await;
                    assert_eq!(refused.problem(400), "invalid_header", "{method} {path} {malformed:?}");
                }
                assert_eq!(owner.get(&path).await.expect(200), shown, "{method} {path}: nothing changed");
            }
            if deletable {
                let refused = send(&owner, "DELETE", &path, &past, &Value::Null).await;
                assert_eq!(refused.problem(412), "version_mismatch", "DELETE {path}");
                owner.get(&path).await.expect(200);
            }
        }
    }
}

#[tokio::test]
async fn of_many_edits_of_one_version_at_once_one_is_made() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let things = Things::made_by(&owner).await;
    let tenant = things.id("tenant");
    for (path, edits, _) in resources(&things, &tenant) {
        let (method, _) = &edits[0];
        let member = edits[0].1[0].as_object().unwrap().keys().next().unwrap().clone();
        // What is a free text can be had in many versions.
        if !["first_name", "name", "message", "title"].contains(&member.as_str()) {
            continue;
        }
        let before = owner.get(&path).await;
        let present = tag(&before);
        let bodies: Vec<_> = (0..8).map(|number| json!({&member: format!("Edit {number}")})).collect();
        let attempts = bodies.iter().map(|body| send(&owner, method, &path, &present, body));
        let outcomes = futures_util::future::join_all(attempts).await;
        let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{path}: {statuses:?}");
        assert_eq!(statuses.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from([200, 412]), "{path}");
        let won = outcomes.into_iter().find(|outcome| outcome.status.as_u16() == 200).unwrap();
        let now = owner.get(&path).await.expect(200);
        assert_eq!((&now[&member], &now["version"]), (&won.body[&member], &won.body["version"]), "{path}");
        let version = before.body["version"].as_i64().unwrap();
        assert_eq!(now["version"], version + 1, "{path}: {}", id(&now));
    }
}
