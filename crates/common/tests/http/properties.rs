//! Whatever bytes arrive, nobody gets a 5xx.

use actix_web::{
    rt::{System, SystemRunner},
    test::TestRequest,
};
use proptest::{
    collection,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value};

use crate::support::{Running, Setup, get_as_ada, post_as_ada};

/// JSON that comes near to what is expected.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof!["plain", "fancy", "coloured", "\0", "7"].prop_map(Value::from),
    ];
    let name = prop_oneof![
        3 => prop_oneof!["name", "size", "kind", "parts", "owner", "weight", "id", "a/b", "red", "coloured"],
        1 => any::<String>(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Asks one service for the status of many answers.
struct Statuses {
    system: SystemRunner,
    service: Running,
}

impl Statuses {
    fn new() -> Self {
        let system = System::new();
        let service = system.block_on(Running::start(Setup::default()));
        Self { system, service }
    }

    fn of(&self, request: TestRequest) -> u16 {
        let answer = self.system.block_on(self.service.send(request));
        if answer.status >= 400 {
            answer.problem();
        }
        answer.status
    }
}

#[test]
fn any_bytes_are_answered() {
    let status = Statuses::new();
    proptest!(|(bytes: Vec<u8>)| {
        prop_assert_eq!(status.of(post_as_ada("/things", bytes)), 400);
    });
}

#[test]
fn any_json_is_answered() {
    let status = Statuses::new();
    proptest!(|(body in json())| {
        let status = status.of(post_as_ada("/things", body.to_string()));
        prop_assert!(matches!(status, 201 | 422), "{}", status);
    });
}

#[test]
fn any_damage_to_json_is_answered() {
    let status = Statuses::new();
    proptest!(|(body in json(), at: Index, byte: u8)| {
        let mut bytes = body.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let status = status.of(post_as_ada("/things", bytes));
        prop_assert!(matches!(status, 201 | 400 | 422), "{}", status);
    });
}

#[test]
fn any_query_is_answered() {
    let status = Statuses::new();
    proptest!(|(query in "[ -~&&[^#\"<>\\\\^`{|} ]]{0,60}")| {
        let status = status.of(get_as_ada(&format!("/numbers?{query}")));
        prop_assert!(matches!(status, 200 | 400), "{}", status);
    });
}

#[test]
fn any_header_is_answered() {
    const NAMES: [&str; 7] = [
        "X-Tenant",
        "Host",
        "Authorization",
        "Accept-Language",
        "X-Request-Id",
        "X-Forwarded-For",
        "User-Agent",
    ];
    let status = Statuses::new();
    proptest!(|(name in select(&NAMES), value in "[ -~]{0,60}")| {
        let status = status.of(get_as_ada("/signed-in").insert_header((name, value.as_str())));
        prop_assert!(status < 500, "{}: {}", name, status);
    });
}
