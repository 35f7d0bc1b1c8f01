use actix_web::test::TestRequest;
use ouvira_common::http::finish;
use serde_json::{Value, json};

use crate::support::send;

async fn document() -> Value {
    send(TestRequest::get().uri("/openapi.json")).await.json()
}

fn operation<'d>(document: &'d Value, method: &str, path: &str) -> &'d Value {
    &document["paths"][format!("/api/v1{path}")][method]
}

fn parameters(operation: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let parameters = operation["parameters"].as_array().unwrap();
    parameters.iter().map(|parameter| (text(&parameter["in"]), text(&parameter["name"]))).collect()
}

#[actix_web::test]
async fn a_signed_in_operation_asks_for_the_bearer_token_and_the_tenant() {
    let document = document().await;
    let scheme = &document["components"]["securitySchemes"]["bearer"];
    assert_eq!(
        (&scheme["type"], &scheme["scheme"], &scheme["bearerFormat"]),
        (&json!("http"), &json!("bearer"), &json!("JWT"))
    );
    for path in ["/signed-in", "/enrolling"] {
        assert_eq!(operation(&document, "get", path)["security"], json!([{"bearer": []}]));
    }
    assert_eq!(operation(&document, "get", "/either")["security"], json!([{"bearer": []}, {}]));
    assert_eq!(operation(&document, "get", "/anonymous")["security"], json!(null));
    assert_eq!(
        parameters(operation(&document, "get", "/anonymous")),
        [("header".to_owned(), "X-Tenant".to_owned())]
    );
}

#[actix_web::test]
async fn every_operation_refers_to_the_one_problem() {
    let document = document().await;
    assert!(document["components"]["schemas"]["Problem"]["properties"]["code"].is_object());
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for status in ["400", "401", "403", "404", "409", "412", "413", "415", "422", "429", "500", "503"]
            {
                let content = &operation["responses"][status]["content"]["application/problem+json"];
                assert_eq!(
                    content["schema"]["$ref"], "#/components/schemas/Problem",
                    "{method} {path} {status}"
                );
                assert_eq!(content["example"]["status"].to_string(), status);
                assert!(!operation["responses"][status]["description"].as_str().unwrap().is_empty());
            }
        }
    }
}

#[actix_web::test]
async fn creating_documents_body_location_and_view() {
    let document = document().await;
    let create = operation(&document, "post", "/things");
    assert_eq!(create["operationId"], "create_thing");
    assert_eq!(create["requestBody"]["required"], true);
    assert_eq!(
        create["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/CreateThing"
    );
    let created = &create["responses"]["201"];
    assert_eq!(created["content"]["application/json"]["schema"]["$ref"], "#/components/schemas/ThingView");
    assert_eq!(created["headers"]["Location"]["schema"]["type"], "string");
    assert!(create["responses"].get("200").is_none());
    let view = &document["components"]["schemas"]["ThingView"];
    assert_eq!(view["properties"]["id"], json!({"type": "string", "format": "uuid"}));
}

#[actix_web::test]
async fn a_patch_has_optional_nullable_members() {
    let document = document().await;
    let patch = operation(&document, "patch", "/things/{id}");
    for media_type in ["application/merge-patch+json", "application/json"] {
        assert_eq!(
            patch["requestBody"]["content"][media_type]["schema"]["$ref"],
            "#/components/schemas/PatchThing"
        );
    }
    let schema = &document["components"]["schemas"]["PatchThing"];
    assert_eq!(schema["required"], json!(null));
    assert_eq!(schema["properties"]["name"], json!({"type": "string", "nullable": true}));
    assert_eq!(parameters(patch)[1], ("path".to_owned(), "id".to_owned()));
}

#[actix_web::test]
async fn a_list_documents_paging_filters_and_a_page_with_a_readable_name() {
    let document = document().await;
    let list = operation(&document, "get", "/numbers");
    let names: Vec<_> =
        parameters(list).into_iter().filter(|(place, _)| place == "query").map(|(_, name)| name).collect();
    assert_eq!(names, ["limit", "cursor", "count", "least", "owner", "search", "small", "sort"]);
    let least =
        list["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == "least").unwrap();
    assert_eq!(
        (&least["schema"], &least["required"]),
        (&json!({"type": "integer", "format": "int32"}), &json!(false))
    );
    let things = operation(&document, "get", "/things");
    assert_eq!(
        things["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/ThingPage"
    );
    let page = &document["components"]["schemas"]["ThingPage"];
    assert_eq!(page["properties"]["items"]["items"]["$ref"], "#/components/schemas/ThingView");
}

#[actix_web::test]
async fn several_ids_of_a_path_keep_their_names() {
    let document = document().await;
    let archive = operation(&document, "post", "/things/{id}/parts/{part_id}/archive");
    let ids: Vec<_> =
        parameters(archive).into_iter().filter(|(place, _)| place == "path").map(|(_, name)| name).collect();
    assert_eq!(ids, ["id", "part_id"]);
    assert!(archive["responses"]["202"]["content"]["application/json"]["schema"].is_object());
    assert!(operation(&document, "delete", "/things/{id}")["responses"]["204"]["content"].is_null());
}

#[actix_web::test]
async fn every_reference_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
                members.values().for_each(|member| references(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = document().await;
    let mut found = Vec::new();
    references(&document, &mut found);
    for reference in found {
        assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
    }
}

#[actix_web::test]
async fn a_finished_document_requires_what_answers_always_have() {
    let mut document = document().await;
    finish(&mut document);
    let required = |schema: &str| document["components"]["schemas"][schema]["required"].clone();
    assert_eq!(required("ThingView"), json!(["id", "name", "size", "version"]));
    assert_eq!(required("ThingPage"), json!(["items", "next_cursor"]));
    assert_eq!(required("CreateThing"), json!(["name"]), "what callers leave out they need not send");
    assert_eq!(required("PatchThing"), json!(null));
    assert!(!document.to_string().contains("\"deprecated\":false"));
}

#[test]
fn finishing_anything_else_changes_nothing() {
    for value in [
        json!(null),
        json!([]),
        json!({"paths": [], "components": {"schemas": {"X": 1}}}),
        json!({"paths": {"/": 7}}),
    ] {
        let mut finished = value.clone();
        finish(&mut finished);
        assert_eq!(finished, value);
    }
}
