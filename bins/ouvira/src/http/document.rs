//! The `OpenAPI` document: its head, and what only the whole of it can say.

use apistos::spec::Spec;
use serde_json::{Value, json};

const TITLE: &str = "Ouvira";
const DESCRIPTION: &str = "Tenants, users, companies, rights, and a record of everything that happened. Name the tenant by \
    `X-Tenant` or by host, sign in at `/api/v1/auth/login`, and send the access token as `Authorization: Bearer …`.";

/// What operations are about, in the order in which a newcomer meets it.
const TAGS: [(&str, &str); 9] = [
    ("auth", "Signing up, in and out; sessions, second factors, passwords, keys."),
    ("account", "Oneself and the tenant's people."),
    ("company", "Organisations, their tree and their settings."),
    ("access-control", "Permissions, roles, memberships, invitations, and whether somebody may."),
    ("audit", "The record of what happened, its proofs, notifications and webhooks."),
    ("tenants", "Tenants and their settings."),
    ("operators", "People who run the platform: signing in, and acting in a tenant by leave."),
    ("service", "The service itself: whether it lives and works."),
    ("dev", "Of a developer's machine only: the messages that were sent."),
];

/// What the operations are put into.
pub(super) fn spec() -> Spec {
    ouvira_common::http::document(TITLE, env!("CARGO_PKG_VERSION"), DESCRIPTION)
}

/// Completes what apistos has put together of the operations.
pub(super) fn complete(document: &mut Value) {
    ouvira_common::http::finish(document);
    super::answer_headers::name_in(document);
    let Some(document) = document.as_object_mut() else { return };
    document
        .insert("servers".to_owned(), json!([{"url": "/", "description": "Where the document comes from."}]));
    let tags = TAGS.map(|(name, description)| json!({"name": name, "description": description}));
    document.insert("tags".to_owned(), tags.into());
    if let Some(Value::Object(info)) = document.get_mut("info") {
        info.insert("contact".to_owned(), json!({"name": TITLE, "url": env!("CARGO_PKG_REPOSITORY")}));
        let license = json!({"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"});
        info.insert("license".to_owned(), license);
    }
}
