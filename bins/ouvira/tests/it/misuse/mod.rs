//! What must not be asked of people, rights and companies: the codes that are promised, and nothing changed.

mod cursors;
mod names;
mod promotion;
mod references;
mod tree;
mod versions;

use serde_json::Value;

use crate::service::{Answer, Client};

/// Every list of people, rights and companies.
pub(crate) const LISTS: [&str; 10] = [
    "/account/users",
    "/company",
    "/access-control/permissions",
    "/access-control/roles",
    "/access-control/role-permissions",
    "/access-control/user-companies",
    "/access-control/user-company-roles",
    "/access-control/invitations",
    "/access-control/object-grants",
    "/user-roles",
];

/// All that a tenant's owner sees, to be compared with what they see later.
async fn everything(owner: &Client) -> Vec<Value> {
    let mut lists = Vec::new();
    for list in LISTS {
        let page = owner.get(&format!("{list}?limit=100")).await.expect(200);
        assert_eq!(page["next_cursor"], Value::Null, "{list} fits on a page");
        lists.push(page);
    }
    lists
}

/// Pointers of a refused body.
fn pointers(answer: &Answer) -> Vec<&str> {
    let errors = answer.body["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["pointer"].as_str().unwrap()).collect()
}

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_else(|| panic!("no id: {thing}"))
}

/// The id of one of the system's roles.
async fn system_role(owner: &Client, code: &str) -> String {
    let roles = owner.get("/access-control/roles?limit=100").await.expect(200);
    let found = roles["items"].as_array().unwrap().iter().find(|role| role["code"] == code);
    id(found.unwrap_or_else(|| panic!("no role {code}"))).to_owned()
}
