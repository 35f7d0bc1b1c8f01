//! What only the whole `OpenAPI` document can say.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Completes the document that apistos has put together:
///
/// - In answers, what is absent is null and not missing: members that may be null are required, unless the same schema
///   also stands in a request body.
/// - `deprecated` is said of what is, and not of what is not.
/// - An operation that needs no token says so, and every operation has a description.
/// - Where null may stand for a schema that has a name, its type is said too (`OpenAPI` 3.0.3 takes `nullable` for nothing
///   without one); and what is composed of one schema is that schema.
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
        let open = operation.entry("security").or_insert_with(|| Value::Array(Vec::new())) == &json!([]);
        if operation.get("description").is_none_or(|text| text.as_str() == Some("")) {
            let summary = operation.get("summary").and_then(Value::as_str).unwrap_or_default();
            let who = if open { "Needs no access token." } else { "Needs an access token." };
            operation.insert("description".to_owned(), format!("{summary}. {who}").into());
        }
    });
    let named = document["components"]["schemas"].clone();
    mend(document, &named);
}

/// Mends schemas, wherever they stand; `named` are those under `components`.
fn mend(value: &mut Value, named: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mend(item, named)),
        Value::Object(members) => {
            members.values_mut().for_each(|member| mend(member, named));
            for composed in ["allOf", "anyOf", "oneOf"] {
                flatten(members, composed);
            }
            if members.get("nullable") == Some(&Value::Bool(true)) && !members.contains_key("type") {
                match type_of(members, named) {
                    Some(name) => drop(members.insert("type".to_owned(), name.into())),
                    None => may_be_null(members),
                }
            }
        }
        _ => {}
    }
}

/// Makes a composition of one schema that schema, where nothing else stands beside it that it would hide.
fn flatten(members: &mut Map<String, Value>, composed: &str) {
    let Some(Value::Array(schemas)) = members.get(composed) else { return };
    let [Value::Object(only)] = &schemas[..] else { return };
    let alone = members.len() == 1;
    if alone || !only.contains_key("$ref") {
        let only = only.clone();
        members.remove(composed);
        for (name, member) in only {
            members.entry(name).or_insert(member);
        }
    }
}

/// The one type of what `schema` is made of.
fn type_of(schema: &Map<String, Value>, named: &Value) -> Option<String> {
    if let Some(name) = schema.get("type").and_then(Value::as_str) {
        return Some(name.to_owned());
    }
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let name = reference.strip_prefix("#/components/schemas/")?;
        return type_of(named.get(name)?.as_object()?, named);
    }
    let parts = ["allOf", "anyOf", "oneOf"].iter().find_map(|composed| schema.get(*composed)?.as_array())?;
    let types: BTreeSet<_> = parts.iter().map(|part| type_of(part.as_object()?, named)).collect();
    let mut types = types.into_iter();
    types.next().flatten().filter(|_| types.next().is_none())
}

/// Says that null may stand for what has no one type: as one more variant.
fn may_be_null(members: &mut Map<String, Value>) {
    let parts = ["allOf", "anyOf", "oneOf"].iter().find_map(|composed| members.remove(*composed));
    let Some(Value::Array(mut parts)) = parts else { return };
    parts.push(json!({"type": "object", "nullable": true, "enum": [null]}));
    members.remove("nullable");
    members.insert("anyOf".to_owned(), Value::Array(parts));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(mut schema: Value) -> Value {
        let named = json!({
            "Word": {"type": "string", "enum": ["a"]},
            "Mixed": {"anyOf": [{"type": "array"}, {"type": "object"}]},
        });
        mend(&mut schema, &named);
        schema
    }

    #[test]
    fn null_has_a_type_beside_it() {
        let word = json!({"$ref": "#/components/schemas/Word"});
        assert_eq!(
            mended(json!({"allOf": [word], "nullable": true})),
            json!({"allOf": [word], "nullable": true, "type": "string"})
        );
        let mixed = json!({"$ref": "#/components/schemas/Mixed"});
        assert_eq!(
            mended(json!({"allOf": [mixed], "nullable": true, "description": "Why."})),
            json!({"anyOf": [mixed, {"type": "object", "nullable": true, "enum": [null]}], "description": "Why."})
        );
    }

    #[test]
    fn what_is_composed_of_one_schema_is_that_schema() {
        let word = json!({"$ref": "#/components/schemas/Word"});
        assert_eq!(mended(json!({"allOf": [word]})), word);
        assert_eq!(
            mended(json!({"description": "A word.", "oneOf": [{"description": "a", "type": "string"}]})),
            json!({"description": "A word.", "type": "string"})
        );
        // Beside a reference nothing is read.
        let described = json!({"allOf": [word], "description": "A word."});
        assert_eq!(mended(described.clone()), described);
    }

    #[test]
    fn an_operation_says_who_may_call_it() {
        let mut document = json!({"paths": {"/": {
            "get": {"summary": "Read it"},
            "post": {"summary": "Make it", "security": [{"bearer": []}], "description": "Once."},
        }}});
        finish(&mut document);
        let get = &document["paths"]["/"]["get"];
        assert_eq!(
            (&get["security"], &get["description"]),
            (&json!([]), &json!("Read it. Needs no access token."))
        );
        assert_eq!(document["paths"]["/"]["post"]["description"], "Once.");
    }
}
