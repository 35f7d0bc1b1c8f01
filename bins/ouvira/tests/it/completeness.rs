//! Every operation of the `OpenAPI` document, called by those who may not: without a token, with a token of another tenant, on
//! another tenant's things, without the permission. The table below has a row for each; an operation without one fails,
//! and so does a row without an operation.

mod activity;
mod table;
pub mod things;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::{
    table::{Access, OPERATIONS, Operation},
    things::Things,
};
use crate::service::{Answer, Client, Service, Tenant};

/// An operation as the document has it.
struct Described {
    /// Answers 201, so makes something.
    creates: bool,
    /// Takes an `Idempotency-Key`.
    keyed: bool,
    method: String,
    path: String,
    id: String,
}

async fn described(service: &Service) -> Vec<Described> {
    let document = service.send(service.request("GET", "/api/openapi.json")).await.expect(200);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                operations.push(Described {
                    creates: method == "post" && !operation["responses"]["201"].is_null(),
                    keyed: parameters.into_iter().any(|parameter| parameter["name"] == "Idempotency-Key"),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    id: id.to_owned(),
                });
            }
        }
    }
    // PATCH before PUT, so that each finds something to change, whatever order the document is in.
    operations.sort_by(|one, other| (&one.path, &one.method).cmp(&(&other.path, &other.method)));
    operations
}

fn row(described: &Described) -> &'static Operation {
    OPERATIONS.iter().find(|row| row.id == described.id).unwrap_or_else(|| {
        panic!("{} ({} {}) has no row in the table", described.id, described.method, described.path)
    })
}

/// Calls an operation on `things`.
async fn call(client: &Client, described: &Described, row: &Operation, things: &Things) -> Answer {
    client.service().send(request(client, described, row, things)).await
}

fn request(
    client: &Client,
    described: &Described,
    row: &Operation,
    things: &Things,
) -> reqwest::RequestBuilder {
    let mut path = described.path.clone();
    while let Some((start, end)) = path.find('{').zip(path.find('}')) {
        path.replace_range(start..=end, &things.id(row.on));
    }
    let request = client.request(&described.method, &path);
    match row.body {
        "" => request,
        csv if !csv.starts_with('{') => request.header("content-type", "text/csv").body(csv),
        json => request.json(&things.fill(json)),
    }
}

#[tokio::test]
async fn every_operation_has_a_row_and_every_row_an_operation() {
    let service = Service::shared().await;
    let described: Vec<String> =
        described(&service).await.into_iter().map(|operation| operation.id).collect();
    let in_document: BTreeSet<&str> = described.iter().map(String::as_str).collect();
    assert_eq!(described.len(), in_document.len(), "an operation id is used twice: {described:?}");
    let in_table: BTreeSet<&str> = OPERATIONS.iter().map(|row| row.id).collect();
    let missing: Vec<_> = in_document.difference(&in_table).collect();
    let surplus: Vec<_> = in_table.difference(&in_document).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "without a row: {missing:?}; without an operation: {surplus:?}"
    );
}

#[tokio::test]
async fn without_a_token_only_open_operations_answer() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let things = Things::made_by(&tenant.owner().await).await;
    for operation in described(&service).await {
        let row = row(&operation);
        let answer = call(&tenant.anonymous(), &operation, row, &things).await;
        match row.access {
            Access::Open => assert_ne!(answer.body["code"], "token_missing", "{}", operation.id),
            _ => assert_eq!(answer.problem(401), "token_missing", "{}", operation.id),
        }
    }
}

#[tokio::test]
async fn another_tenants_token_opens_nothing() {
    let service = Service::shared().await;
    let (ours, theirs) = (service.tenant("shared"), service.tenant("shared"));
    let things = Things::made_by(&ours.owner().await).await;
    let mut stray = ours.anonymous();
    stray.token.clone_from(&theirs.owner().await.token);
    for operation in described(&service).await {
        let row = row(&operation);
        if row.access != Access::Open {
            assert_eq!(
                call(&stray, &operation, row, &things).await.problem(401),
                "token_invalid",
                "{}",
                operation.id
            );
        }
    }
}

/// Somebody with all rights in their own tenant uses ids of ours, in the path and in the body.
#[tokio::test]
async fn another_tenants_things_are_as_things_that_are_not_there() {
    let service = Service::shared().await;
    for (ours, theirs) in [("shared", "shared"), ("schema", "shared"), ("database", "schema")] {
        let (ours, theirs) = (service.tenant(ours), service.tenant(theirs));
        let things = Things::made_by(&ours.owner().await).await;
        let foreigner = theirs.owner().await;
        for operation in described(&service).await {
            let row = row(&operation);
            let Some((status, code)) = row.foreign else { continue };
            let answer = call(&foreigner, &operation, row, &things).await;
            assert_eq!(answer.problem(status), code, "{}", operation.id);
        }
        things.are_untouched(&ours.owner().await).await;
    }
}

/// Somebody who just signed up and holds nothing.
#[tokio::test]
async fn without_the_permission_an_operation_refuses() {
    let service = Service::shared().await;
    let tenant: Tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let things = Things::made_by(&owner).await;
    let nobody = tenant.sign_up("powerless@example.com").await;
    for operation in described(&service).await {
        let row = row(&operation);
        let Access::Permission(status, code) = row.access else { continue };
        let answer = call(&nobody, &operation, row, &things).await;
        assert_eq!(answer.problem(status), code, "{}", operation.id);
    }
    things.are_untouched(&owner).await;
    assert_eq!(nobody.get("/me").await.expect(200)["permissions"], json!([]));
    let _: Value = owner.get("/me").await.expect(200);
}

/// What makes something and yet keeps no answer: an answer with a secret.
const ANSWERS_WITH_SECRETS: [&str; 4] =
    ["finalize_signup", "create_notification_stream_ticket", "grant_operator", "create_webhook"];

#[tokio::test]
async fn whatever_creates_honours_an_idempotency_key_and_says_so() {
    let service = Service::shared().await;
    let tenant = service.tenant("shared");
    let owner = tenant.owner().await;
    let things = Things::made_by(&owner).await;
    for operation in described(&service).await {
        let expected = operation.creates && !ANSWERS_WITH_SECRETS.contains(&operation.id.as_str());
        assert_eq!(operation.keyed, expected, "{}", operation.id);
        // Tenants are made by operators, who are nobody in a tenant: `idempotency.rs`.
        if !expected || operation.id == "create_tenant" {
            continue;
        }
        let row = row(&operation);
        let send = async || {
            let request = request(&owner, &operation, row, &things).header("Idempotency-Key", &operation.id);
            service.send(request).await
        };
        let (first, again) = (send().await, send().await);
        assert!(first.status.as_u16() < 500, "{}: {}", operation.id, first.body);
        assert!(!first.headers.contains_key("idempotency-replayed"), "{}", operation.id);
        assert_eq!(again.headers["idempotency-replayed"], "true", "{}", operation.id);
        assert_eq!((again.status, again.body), (first.status, first.body), "{}", operation.id);
    }
}

/// What ends the caller's session or tenant, or never ends.
const LEFT_OUT: [&str; 5] =
    ["logout", "end_session", "end_other_sessions", "stream_notifications", "import_users"];

const HEADERS: [&str; 7] = [
    "ETag",
    "Location",
    "Idempotency-Replayed",
    "X-Request-Id",
    "Content-Language",
    "Retry-After",
    "WWW-Authenticate",
];

#[tokio::test]
async fn the_headers_of_an_answer_are_those_of_the_document() {
    let service = Service::shared().await;
    let owner = service.tenant("shared").owner().await;
    let things = Things::made_by(&owner).await;
    let document = service.send(service.request("GET", "/api/openapi.json")).await.expect(200);
    let mut different = Vec::new();
    for operation in described(&service).await {
        if LEFT_OUT.contains(&operation.id.as_str()) {
            continue;
        }
        let answers = &document["paths"][&operation.path][operation.method.to_lowercase()]["responses"];
        // Under a key the second answer is the first one again.
        for replayed in [false, true].into_iter().take(1 + usize::from(operation.keyed)) {
            let mut request = request(&owner, &operation, row(&operation), &things);
            if operation.keyed {
                request = request.header("Idempotency-Key", format!("headers-{}", operation.id));
            }
            let answer = service.send(request).await;
            let documented = &answers[answer.status.as_str()]["headers"];
            for name in HEADERS {
                let (said, sent) = (documented[name].is_object(), answer.headers.contains_key(name));
                // Who is no operator is refused before the key is looked at.
                let first = !replayed || operation.id == "create_tenant";
                let absent_for_now = name == "Idempotency-Replayed" && first;
                if said != sent && !(said && absent_for_now) {
                    let (id, status) = (&operation.id, answer.status);
                    different.push(format!("{id} {status} {name}: documented {said}, sent {sent}"));
                }
            }
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}
