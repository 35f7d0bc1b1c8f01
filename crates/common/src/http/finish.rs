//! What only the whole `OpenAPI` document can say.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Completes the document that apistos has put together:
///
/// - In answers, what is absent is null and not missing: members that may be null are required, unless the same schema
///   also stands in a request body.
/// - `deprecated` is said of what is, and not of what is not.
///
/// Anything that is no `OpenAPI` document stays as it is.
pub fn finish(document: &mut Value) {
    let sent = sent_schemas(document);
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        for (_, schema) in schemas.iter_mut().filter(|(name, _)| !sent.contains(*name)) {
            require_nullable(schema);
        }
    }
    for_each_operation(document, |operation| {
        if operation.get("deprecated") == Some(&Value::Bool(false)) {
            operation.remove("deprecated");
        }
    });
}

fn for_each_operation(document: &mut Value, mut change: impl FnMut(&mut Map<String, Value>)) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(|paths| paths.values_mut()).filter_map(Value::as_object_mut);
    for operation in items.flat_map(|item| item.values_mut()).filter_map(Value::as_object_mut) {
        change(operation);
    }
}

/// Names of the schemas that some request body is made of.
fn sent_schemas(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let items = document["paths"].as_object().into_iter().flat_map(Map::values).filter_map(Value::as_object);
    for operation in items.flat_map(Map::values) {
        collect(document, &operation["requestBody"], &mut names);
    }
    names
}

fn collect(document: &Value, value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            let name = reference.and_then(|reference| reference.strip_prefix("#/components/schemas/"));
            if let Some(name) = name.filter(|name| names.insert((*name).to_owned())) {
                collect(document, &document["components"]["schemas"][name], names);
            }
            members.values().for_each(|member| collect(document, member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(document, item, names)),
        _ => {}
    }
}

/// Requires the members of `schema`, and of its variants, that may be null.
fn require_nullable(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for variants in ["oneOf", "anyOf", "allOf"] {
        schema
            .get_mut(variants)
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .for_each(require_nullable);
    }
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let nullable =
        properties.filter(|(_, property)| property["nullable"] == true).map(|(name, _)| name.clone());
    let mut required: BTreeSet<String> = nullable.collect();
    if !required.is_empty() {
        let before = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        required.extend(before.filter_map(Value::as_str).map(str::to_owned));
        schema.insert("required".to_owned(), required.into_iter().collect());
    }
}
