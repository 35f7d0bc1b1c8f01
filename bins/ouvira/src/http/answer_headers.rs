//! The headers of answers in the `OpenAPI` document: what the middleware around the routes adds to them, and the versions of
//! what they carry. No handler says these by itself, so they are said here, for all of them.

use serde_json::{Map, Value, json};

use crate::limits::is_unlimited;

const REQUEST_ID: &str = "X-Request-Id";
const CONTENT_LANGUAGE: &str = "Content-Language";
const ETAG: &str = "ETag";
const RETRY_AFTER: &str = "Retry-After";
const IDEMPOTENCY_REPLAYED: &str = "Idempotency-Replayed";
const RATE_LIMIT: [&str; 2] = ["RateLimit-Policy", "RateLimit"];

/// What each of them says.
const DESCRIPTIONS: [(&str, &str); 7] = [
    (REQUEST_ID, "The caller's own where it was well formed; to be named when asking about this answer"),
    (CONTENT_LANGUAGE, "The language of the texts: `en`, `fr` or `de`, after `Accept-Language`"),
    (ETAG, "The version of the resource, quoted: for `If-Match`"),
    (RETRY_AFTER, "Seconds after which to ask again"),
    (IDEMPOTENCY_REPLAYED, "`true` when this is the first answer again, under the same `Idempotency-Key`"),
    (RATE_LIMIT[0], "What may be done in how long, such as `\"user\";q=1000;w=86400`; where limits are on"),
    (RATE_LIMIT[1], "How much is left, and in how many seconds all of it is back; where limits are on"),
];

/// Names the headers of every answer in `document`, and has `components` describe them.
pub(super) fn name_in(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    for (path, item) in paths {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            let keyed = takes_key(operation);
            let answers = operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten();
            for (status, answer) in answers {
                let status = status.parse().unwrap_or_default();
                let versioned = (200..300).contains(&status) && is_versioned(answer, &schemas);
                let carried = [
                    (true, &[REQUEST_ID][..]),
                    (status >= 400, &[CONTENT_LANGUAGE]),
                    (versioned, &[ETAG]),
                    // What is not sealed yet will be.
                    (status == 202 && path.ends_with("/proof"), &[RETRY_AFTER]),
                    (keyed && can_be_kept(status), &[IDEMPOTENCY_REPLAYED]),
                    (!is_unlimited(path), &RATE_LIMIT),
                ];
                for name in carried.into_iter().filter(|(given, _)| *given).flat_map(|(_, names)| names) {
                    answer["headers"][*name] = json!({"$ref": format!("#/components/headers/{name}")});
                }
            }
        }
    }
    for (name, description) in DESCRIPTIONS {
        document["components"]["headers"][name] =
            json!({"description": description, "schema": {"type": "string"}});
    }
}

fn takes_key(operation: &Value) -> bool {
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    parameters.any(|parameter| parameter["name"] == "Idempotency-Key")
}

/// Whether an answer of that status is kept under a key: not what passes, nor what was answered before the body was read.
fn can_be_kept(status: u16) -> bool {
    !matches!(status, 401 | 408 | 413 | 415 | 429 | 500..)
}

/// Whether the body has a `version`, and so the answer an `ETag`.
fn is_versioned(answer: &Value, schemas: &Value) -> bool {
    has_version(&answer["content"]["application/json"]["schema"], schemas)
}

fn has_version(schema: &Value, schemas: &Value) -> bool {
    let reference = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let parts = schema["allOf"].as_array().into_iter().flatten();
    reference.is_some_and(|name| has_version(&schemas[name], schemas))
        || schema["properties"]["version"].is_object()
        || parts.into_iter().any(|part| has_version(part, schemas))
}
