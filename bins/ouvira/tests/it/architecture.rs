//! Rules about who may depend on whom, read from what cargo says.

use std::process::Command;

use serde_json::Value;

const DOMAINS: [&str; 6] = ["access-control", "audit", "auth", "company", "identity", "tenancy"];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_domain_depends_on_common_and_on_no_other_domain() {
    let metadata = metadata();
    for domain in DOMAINS.map(|domain| format!("ouvira-{domain}")) {
        let package = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|package| package["name"] == domain.as_str());
        let dependencies = package.unwrap()["dependencies"].as_array().unwrap().clone();
        let ours = dependencies.iter().map(|dependency| dependency["name"].as_str().unwrap());
        let others: Vec<_> =
            ours.filter(|name| name.starts_with("ouvira-") && *name != "ouvira-common").collect();
        // A private server for tests is no domain.
        let others: Vec<_> = others.into_iter().filter(|name| *name != "ouvira-embedded-postgres").collect();
        assert!(others.is_empty(), "{domain} depends on {others:?}");
    }
}

#[test]
fn common_depends_on_no_domain() {
    let metadata = metadata();
    let common =
        metadata["packages"].as_array().unwrap().iter().find(|package| package["name"] == "ouvira-common");
    for dependency in common.unwrap()["dependencies"].as_array().unwrap() {
        let name = dependency["name"].as_str().unwrap();
        assert!(!DOMAINS.iter().any(|domain| name == format!("ouvira-{domain}")), "common depends on {name}");
    }
}
