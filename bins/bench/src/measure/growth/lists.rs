//! What is asked of a tenant that grows: every list with each of its filters, and checks.

use serde_json::json;

use super::seed::{ACTORS, Seed};
use crate::{load::Request, service::Person};

/// Requests that ask the same of different rows.
#[derive(Default)]
pub(super) struct List {
    pub(super) name: &'static str,
    /// How many there are of what is listed.
    pub(super) rows: u32,
    pub(super) requests: Vec<Request>,
}

/// Checks in one request.
const CHECKS: u32 = 100;
/// Rows of a page: each list has as many at the smallest size too.
const PAGE: u32 = 10;

/// All of them, where the log has so many rows, the tenant so many users, and so many companies below the first;
/// half of the log was written at `middle`.
pub(super) fn lists(seed: &Seed, [rows, users, companies]: [u32; 3], middle: &str) -> Vec<List> {
    let list = |name, rows, person: &Person, path: &str, filter: &str| {
        let path = format!("/api/v1/{path}?limit={PAGE}{filter}");
        List { name, rows, requests: vec![person.get(&path)] }
    };
    let log = |name, filter: &str| list(name, rows, &seed.admin, "audit/activity-logs", filter);
    let people = |name, filter: &str| list(name, users, &seed.admin, "account/users", filter);
    let below = |name, filter: &str| list(name, companies, &seed.founder, "company", filter);
    let one = |name, path: &str| List {
        name,
        rows: companies,
        requests: vec![seed.founder.get(&format!("/api/v1/company/{path}"))],
    };
    let root = &seed.root;
    let checks: Vec<_> = (1..=CHECKS)
        .map(|n| json!({ "permission": "company.update", "company_id": Seed::company(n * companies / CHECKS) }))
        .collect();
    let check = seed.founder.post("/api/v1/access-control/check", &json!({ "checks": checks }));
    vec![
        log("log: the newest", ""),
        log("log: of one actor", &format!("&actor_id={}", Seed::actor(ACTORS / 2))),
        log("log: one rare action", "&action=company.deleted"),
        log("log: one type", "&object_type=company"),
        log("log: of one object", &format!("&object_id={}", Seed::company(companies / 2))),
        log("log: of one company", &format!("&company_id={}", Seed::company(companies / 2))),
        log("log: until a day", &format!("&to={middle}")),
        people("users: the newest", ""),
        people("users: by address", "&sort=email"),
        people("users: inactive", "&is_active=false"),
        people("users: found by a word", &format!("&search=person{}", users / 2)),
        below("companies: the newest", ""),
        below("companies: below one", &format!("&parent_id={root}")),
        below("companies: found by a word", &format!("&search={}", companies / 2)),
        below("companies: archived", "&status=archived"),
        one("companies: the tree", &format!("{root}/tree")),
        one("companies: the deepest", &Seed::deepest()),
        List { name: "a hundred checks", rows: companies, requests: vec![check] },
    ]
}
