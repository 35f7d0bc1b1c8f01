//! The documents that are made from the code are those in `docs/`, and the API breaks no client of the last release.

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::{Value, json};

use crate::service::ouvira;

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn said(command: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let output = ouvira(dir.path()).arg(command).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn read(name: &str) -> String {
    fs::read_to_string(docs(name)).unwrap()
}

#[test]
fn the_documents_are_what_the_code_says() {
    // The order of members is nothing, and depends on what else is built.
    let document = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert!(
        document(&said("openapi")) == document(&read("openapi.json")),
        "just openapi makes docs/openapi.json anew"
    );
    assert!(
        said("problems").trim_end() == read("problems.md").trim_end(),
        "just problems makes docs/problems.md anew"
    );
}

/// A client of the release in `openapi.released.json` can go on with this one. Where it cannot, that is declared by
/// another version in `Cargo.toml`, and with the release the document is put in the place of the old one.
#[test]
fn a_client_of_the_last_release_is_understood() {
    let released: Value = serde_json::from_str(&read("openapi.released.json")).unwrap();
    let present: Value = serde_json::from_str(&said("openapi")).unwrap();
    if released["info"]["version"] == present["info"]["version"] {
        let broken = broken(&released, &present);
        assert!(broken.is_empty(), "these break clients of the last release:\n{}", broken.join("\n"));
    }
}

/// What a client of `before` relies on and `after` does not keep.
fn broken(before: &Value, after: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, item) in members(&before["paths"]) {
        for (method, operation) in members(item) {
            let name = format!("{} {path}", method.to_uppercase());
            let Some(now) = after["paths"][path].get(method) else {
                broken.push(format!("{name} is gone"));
                continue;
            };
            let mut compare = Compare { before, after, broken: Vec::new(), seen: BTreeSet::new() };
            compare.parameters(&name, operation, now);
            compare.sent(&name, body(operation), body(now), 0);
            if operation["requestBody"].is_null() && now["requestBody"]["required"] == true {
                compare.broken.push(format!("{name} asks for a body"));
            }
            for (status, answer) in members(&operation["responses"]) {
                if status.starts_with('2') {
                    match now["responses"].get(status) {
                        None => compare.broken.push(format!("{name} no longer answers {status}")),
                        Some(now) => {
                            compare.got(&format!("{name} {status}"), content(answer), content(now), 0);
                        }
                    }
                }
            }
            broken.append(&mut compare.broken);
        }
    }
    broken
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn body(operation: &Value) -> Option<&Value> {
    content(&operation["requestBody"])
}

fn content(holder: &Value) -> Option<&Value> {
    holder["content"].get("application/json").map(|content| &content["schema"])
}

/// How deep schemas are followed.
const DEPTH: usize = 8;

struct Compare<'d> {
    before: &'d Value,
    after: &'d Value,
    broken: Vec<String>,
    seen: BTreeSet<(String, bool)>,
}

impl<'d> Compare<'d> {
    fn parameters(&mut self, name: &str, before: &Value, after: &Value) {
        let all = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let same = |a: &Value, b: &Value| a["name"] == b["name"] && a["in"] == b["in"];
        for parameter in all(before) {
            if !all(after).iter().any(|now| same(now, &parameter)) {
                self.broken.push(format!("{name}: the parameter {} is gone", parameter["name"]));
            }
        }
        for parameter in all(after).iter().filter(|parameter| parameter["required"] == true) {
            let before = all(before);
            if !before.iter().any(|before| same(before, parameter) && before["required"] == true) {
                self.broken.push(format!("{name}: the parameter {} is asked for", parameter["name"]));
            }
        }
    }

    fn resolve(document: &'d Value, schema: &'d Value) -> &'d Value {
        let reference = schema["$ref"].as_str().or_else(|| match schema["allOf"].as_array()?.as_slice() {
            [only] => only["$ref"].as_str(),
            _ => None,
        });
        match reference.and_then(|reference| reference.strip_prefix('#')) {
            Some(pointer) => document.pointer(pointer).unwrap_or(schema),
            None => schema,
        }
    }

    /// What was taken is still taken, and nothing more is asked for.
    fn sent(&mut self, name: &str, before: Option<&'d Value>, after: Option<&'d Value>, depth: usize) {
        self.schema(name, before, after, depth, true);
    }

    /// What was answered is still answered.
    fn got(&mut self, name: &str, before: Option<&'d Value>, after: Option<&'d Value>, depth: usize) {
        self.schema(name, before, after, depth, false);
    }

    fn schema(
        &mut self,
        name: &str,
        before: Option<&'d Value>,
        after: Option<&'d Value>,
        depth: usize,
        sent: bool,
    ) {
        let Some(before) = before else { return };
        let Some(after) = after else { return self.broken.push(format!("{name} is gone")) };
        if depth > DEPTH || !self.seen.insert((name.to_owned(), sent)) {
            return;
        }
        let null = |schema: &Value| schema["nullable"] == true;
        if null(before) != null(after) && null(before) == sent {
            self.broken.push(format!("{name}: null is {}", if sent { "no longer taken" } else { "new" }));
        }
        let (before, after) = (Self::resolve(self.before, before), Self::resolve(self.after, after));
        if before["type"] != after["type"] {
            self.broken.push(format!("{name} was {} and is {}", before["type"], after["type"]));
        }
        let words = |schema: &Value| schema["enum"].as_array().cloned();
        if let (Some(was), Some(is)) = (words(before), words(after))
            && sent
        {
            for word in was.iter().filter(|word| !is.contains(word)) {
                self.broken.push(format!("{name}: {word} is no longer taken"));
            }
        }
        let asked = |schema: &Value, member: &str| {
            schema["required"].as_array().is_some_and(|required| required.iter().any(|name| name == member))
        };
        for (member, schema) in members(&before["properties"]) {
            let now = after["properties"].get(member);
            let place = format!("{name}/{member}");
            if !sent && now.is_some() && asked(before, member) && !asked(after, member) {
                self.broken.push(format!("{place} may be missing"));
            }
            self.schema(&place, Some(schema), now, depth + 1, sent);
        }
        for (member, _) in members(&after["properties"]) {
            if sent && asked(after, member) && !asked(before, member) {
                self.broken.push(format!("{name}/{member} is asked for"));
            }
        }
        if before["items"].is_object() {
            self.schema(&format!("{name}[]"), before.get("items"), after.get("items"), depth + 1, sent);
        }
    }
}

#[test]
fn what_breaks_a_client_is_seen() {
    let document =
        |operation: Value| json!({"paths": {"/things": {"post": operation}}, "components": {"schemas": {}}});
    let thing = |extra: Value, required: Value| {
        let mut properties =
            json!({"name": {"type": "string"}, "kind": {"type": "string", "enum": ["a", "b"]}});
        properties.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"type": "object", "properties": properties, "required": required})
    };
    let operation = |sent: Value, got: Value| {
        document(json!({
            "parameters": [{"name": "limit", "in": "query"}],
            "requestBody": {"content": {"application/json": {"schema": sent}}},
            "responses": {"201": {"content": {"application/json": {"schema": got}}}},
        }))
    };
    let plain = || thing(json!({}), json!(["name"]));
    let before = operation(plain(), plain());
    let see = |after: &Value| broken(&before, after).join("; ");
    assert_eq!(see(&before), "");
    assert_eq!(see(&operation(thing(json!({"size": {"type": "integer"}}), json!(["name"])), plain())), "");
    assert_eq!(see(&json!({"paths": {}})), "POST /things is gone");
    assert!(
        see(&operation(thing(json!({}), json!(["name", "kind"])), plain())).contains("kind is asked for")
    );
    assert!(
        see(&operation(thing(json!({"name": {"type": "integer"}}), json!(["name"])), plain()))
            .contains("was")
    );
    assert!(see(&operation(plain(), thing(json!({}), json!([])))).contains("name may be missing"));
    assert!(
        see(&operation(
            plain(),
            thing(json!({"name": {"type": "string", "nullable": true}}), json!(["name"]))
        ))
        .contains("null is new")
    );
    let fewer = thing(json!({"kind": {"type": "string", "enum": ["a"]}}), json!(["name"]));
    assert!(see(&operation(fewer, plain())).contains("\"b\" is no longer taken"));
    let mut without = before.clone();
    without["paths"]["/things"]["post"]["parameters"] =
        json!([{"name": "page", "in": "query", "required": true}]);
    assert!(see(&without).contains("limit\" is gone") && see(&without).contains("page\" is asked for"));
    without["paths"]["/things"]["post"]["responses"] = json!({"200": {}});
    assert!(see(&without).contains("no longer answers 201"));
}
