use actix_web::http::Method;
use ouvira_common::{
    id::OperatorId, ports::HashedPassword, secret::Secret, tenant::PlacementMode, testing::Answer,
};
use ouvira_tenancy::Operators;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Platform, column};

async fn root(platform: &Platform) -> OperatorId {
    let hash = HashedPassword(Secret::new("hash"));
    Operators::new(platform.catalog()).create(&platform.ctx(), "root@example.com", &hash).await.unwrap().id
}

fn acme(mode: PlacementMode) -> Value {
    let slug = format!("acme-{}", mode.as_str());
    json!({
        "slug": slug, "name": "Acme", "placement": {"mode": mode.as_str()},
        "admin": {"email": format!("ada@{slug}.example.com"), "password": "correct horse battery staple"},
    })
}

impl Platform {
    async fn operator_sends(
        &self,
        root: OperatorId,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let call = self.operators_call(root, "root", method, path);
        match body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        }
    }
}

#[actix_web::test]
async fn an_operator_leads_a_tenant_through_its_life() {
    let platform = Platform::new().await;
    let root = root(&platform).await;
    for mode in PlacementMode::ALL {
        let made = platform.operator_sends(root, Method::POST, "/tenants", Some(&acme(mode))).await;
        assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{made:?}");
        assert!(made.body["admin_user_id"].is_string());
        let tenant = &made.body["tenant"];
        assert_eq!((&tenant["status"], &tenant["settings"]["signup"]), (&json!("active"), &json!("open")));
        let path = format!("/tenants/{}", tenant["id"].as_str().unwrap());
        assert_eq!(made.header("location"), format!("/api/v1{path}"));

        let read = platform.operator_sends(root, Method::GET, &path, None).await;
        assert_eq!((read.status, &read.body), (200, tenant));
        let domains = json!({"name": "Acme Ltd", "domains": [format!("{}.example", mode.as_str())]});
        let changed = platform.operator_sends(root, Method::PATCH, &path, Some(&domains)).await;
        assert_eq!(
            (changed.status, &changed.body["name"], changed.header("etag")),
            (200, &json!("Acme Ltd"), "\"2\"")
        );

        let suspended = platform.operator_sends(root, Method::POST, &format!("{path}/suspend"), None).await;
        assert_eq!((suspended.status, &suspended.body["status"]), (200, &json!("suspended")));
        let resumed = platform.operator_sends(root, Method::POST, &format!("{path}/resume"), None).await;
        assert_eq!((resumed.status, &resumed.body["status"]), (200, &json!("active")));
        let deleted = platform.operator_sends(root, Method::DELETE, &path, None).await;
        assert_eq!((deleted.status, &deleted.body["status"]), (202, &json!("deleting")));
        let conflict = platform.operator_sends(root, Method::POST, &format!("{path}/suspend"), None).await;
        assert_eq!(conflict.problem(), (409, "conflict"));
    }
    let mut control = platform.connection("control", None).await;
    let by_root = "SELECT count(*) FROM ouvira_catalog.operator_log WHERE operator_id IS NOT NULL";
    assert_eq!(column(&mut control, by_root).await.unwrap(), ["15"]);
}

#[actix_web::test]
async fn operators_list_all_tenants_in_pages() {
    let platform = Platform::new().await;
    let root = root(&platform).await;
    for slug in ["ccc", "aaa", "bbb"] {
        platform.tenant(slug, PlacementMode::Shared).await;
    }
    let first = platform.operator_sends(root, Method::GET, "/tenants?limit=2&count=true", None).await;
    assert_eq!((first.status, &first.body["total"]), (200, &json!(3)), "{first:?}");
    assert_eq!(
        (&first.body["items"][0]["slug"], &first.body["items"][1]["slug"]),
        (&json!("aaa"), &json!("bbb"))
    );
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let rest = platform.operator_sends(root, Method::GET, &format!("/tenants?cursor={cursor}"), None).await;
    assert_eq!((&rest.body["items"][0]["slug"], &rest.body["next_cursor"]), (&json!("ccc"), &json!(null)));
    for query in ["limit=0", "limit=101", "cursor=x", "slug=aaa", "limit=1&limit=2"] {
        let odd = platform.operator_sends(root, Method::GET, &format!("/tenants?{query}"), None).await;
        assert_eq!(odd.problem(), (400, "invalid_parameter"), "{query}");
    }
}

#[actix_web::test]
async fn people_of_a_tenant_are_no_operators() {
    let platform = Platform::new().await;
    let own = platform.tenant("acme", PlacementMode::Shared).await;
    let other = platform.tenant("other", PlacementMode::Shared).await;
    let ctx = platform.signed_in("acme").await;
    let made =
        platform.call(Method::POST, "/tenants").by(&ctx).json(&acme(PlacementMode::Shared)).send().await;
    assert_eq!(made.problem(), (403, "permission_denied"));
    for (id, problem) in [(own.id, (403, "permission_denied")), (other.id, (404, "not_found"))] {
        for (method, path) in [
            (Method::PATCH, format!("/tenants/{id}")),
            (Method::DELETE, format!("/tenants/{id}")),
            (Method::POST, format!("/tenants/{id}/suspend")),
            (Method::POST, format!("/tenants/{id}/resume")),
        ] {
            let answer = platform.call(method.clone(), &path).by(&ctx).json(&json!({})).send().await;
            assert_eq!(answer.problem(), problem, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn a_token_that_is_not_good_enough_opens_nothing() {
    let platform = Platform::new().await;
    let root = root(&platform).await;
    // Who asks comes before what they sent.
    let body = json!({"nonsense": true});
    let call = |token: &str| platform.operators_call(root, token, Method::POST, "/tenants").json(&body);
    assert_eq!(call("lapsed").send().await.problem(), (401, "token_invalid"));
    assert_eq!(call("enrolling").send().await.problem(), (403, "two_factor_required"));
    assert_eq!(call("root").send().await.problem(), (422, "unknown_field"));
    let nobody =
        platform.call(Method::POST, "/tenants").header("X-Tenant", "nobody").json(&body).send().await;
    assert_eq!(nobody.problem(), (404, "tenant_not_found"));
}

#[actix_web::test]
async fn odd_tenants_are_answered_with_a_problem() {
    let platform = Platform::new().await;
    let root = root(&platform).await;
    platform.tenant("taken", PlacementMode::Shared).await;
    let with = |change: Value| {
        let mut body = acme(PlacementMode::Shared);
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let validation = (422, "validation_failed");
    for (change, problem, pointer) in [
        (json!({"slug": "No!"}), validation, "/slug"),
        (json!({"name": " "}), validation, "/name"),
        (json!({"placement": {"mode": "cloud"}}), validation, "/placement/mode"),
        (json!({"admin": {"email": "nobody"}}), validation, "/admin/email"),
        (json!({"admin": {}}), validation, "/admin/email"),
        (json!({"admin": null}), validation, "/admin"),
        (json!({"colour": 1}), (422, "unknown_field"), "/colour"),
        (json!({"slug": "www"}), (422, "slug_reserved"), ""),
        (json!({"slug": "taken"}), (409, "slug_taken"), ""),
    ] {
        let answer =
            platform.operator_sends(root, Method::POST, "/tenants", Some(&with(change.clone()))).await;
        assert_eq!((answer.problem(), answer.first_error().0), (problem, pointer), "{change}");
    }
    let nobody = format!("/tenants/{}", Uuid::max());
    for (method, path) in [(Method::GET, nobody.clone()), (Method::POST, format!("{nobody}/suspend"))] {
        assert_eq!(platform.operator_sends(root, method, &path, None).await.problem(), (404, "not_found"));
    }
    let id = platform.tenants.find_by_slug("taken").await.unwrap().id;
    let (path, nameless) = (format!("/tenants/{id}"), json!({"name": null}));
    let refused = platform.operator_sends(root, Method::PATCH, &path, Some(&nameless)).await;
    assert_eq!(refused.first_error(), ("/name", "required"));
}
