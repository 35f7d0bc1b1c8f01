//! `docs/security.md` names a test for each clause: it must be there.

use std::{collections::BTreeSet, fs, path::Path};

/// `crate: file::name`, or `path/to/file.rs::name`, as the head of the table has it.
fn file_and_name(reference: &str) -> Option<(String, &str)> {
    let (place, name) = reference.rsplit_once("::")?;
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
        return None;
    }
    if place.contains('/') {
        return Some((place.to_owned(), name));
    }
    let (package, file) = place.split_once(": ")?;
    let root = if package == "ouvira" { "bins/ouvira".to_owned() } else { format!("crates/{package}") };
    Some((format!("{root}/tests/it/{}.rs", file.replace("::", "/")), name))
}

#[test]
fn every_test_that_the_table_of_clauses_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = fs::read_to_string(root.join("docs/security.md")).unwrap();
    let named: BTreeSet<_> = table.split('`').skip(1).step_by(2).filter_map(file_and_name).collect();
    assert!(named.len() > 80, "{}", named.len());
    let missing: Vec<_> = named
        .iter()
        .filter(|(file, name)| {
            let content = fs::read_to_string(root.join(file)).unwrap_or_default();
            !content.contains(&format!("fn {name}("))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}
