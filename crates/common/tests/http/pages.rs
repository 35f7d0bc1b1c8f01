use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::support::{get, get_as_ada, send};

async fn page(query: &str) -> Value {
    send(get_as_ada(&format!("/numbers?{query}"))).await.json()
}

#[actix_web::test]
async fn a_list_is_read_page_by_page_to_its_end() {
    let (mut read, mut query) = (Vec::new(), "limit=20&small=true".to_owned());
    loop {
        let page = page(&query).await;
        read.extend(page["items"].as_array().unwrap().clone());
        assert!(page.get("total").is_none());
        match page["next_cursor"].as_str() {
            // Filters may be sent in another order.
            Some(cursor) => query = format!("cursor={cursor}&small=true&limit=20"),
            None => break,
        }
    }
    assert_eq!(read, (1..=45).map(Value::from).collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_page_has_twenty_items_and_no_total_unless_asked() {
    let twenty = page("").await;
    assert_eq!(twenty["items"].as_array().unwrap().len(), 20);
    let counted = page("limit=100&count=true").await;
    assert_eq!((counted["items"].as_array().unwrap().len(), &counted["total"]), (45, &json!(45)));
    assert_eq!(counted["next_cursor"], json!(null));
}

#[actix_web::test]
async fn limits_out_of_range_and_other_nonsense_are_refused() {
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=many",
        "limit=",
        "limit=1&limit=2",
        "count=maybe",
        "cursor=",
        "cursor=x",
        "offset=3",
    ] {
        let answer = send(get_as_ada(&format!("/numbers?{query}"))).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".to_owned()), "{query}");
    }
}

#[actix_web::test]
async fn a_cursor_belongs_to_its_tenant_list_and_filters() {
    let first = page("limit=5&small=true").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(page(&format!("limit=7&small=true&cursor={cursor}")).await["items"][0], 6);

    let with = |path: &str, query: &str| {
        get(&format!("{path}?{query}&cursor={cursor}")).insert_header(("X-Tenant", "acme"))
    };
    let ada = |request: TestRequest| request.insert_header(("Authorization", "Bearer ada"));
    let foreign = [
        ada(with("/numbers", "small=false")),
        ada(with("/numbers", "limit=5")),
        ada(with("/numbers", "small=true&least=1")),
        with("/things", "limit=5"),
        with("/numbers", "small=true")
            .insert_header(("X-Tenant", "globex"))
            .insert_header(("Authorization", "Bearer globex")),
    ];
    for request in foreign {
        assert_eq!(send(request).await.problem(), (400, "invalid_parameter".to_owned()));
    }
}

#[actix_web::test]
async fn a_cursor_that_was_touched_does_not_open() {
    let cursor = page("limit=5").await["next_cursor"].as_str().unwrap().to_owned();
    for at in 0..cursor.len() {
        let mut touched = cursor.clone().into_bytes();
        touched[at] = if touched[at] == b'A' { b'B' } else { b'A' };
        let answer =
            send(get_as_ada(&format!("/numbers?cursor={}", String::from_utf8(touched).unwrap()))).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".to_owned()), "at {at}");
    }
}

#[actix_web::test]
async fn a_list_without_filters_refuses_parameters_it_does_not_know() {
    let list = |query: &str| get(&format!("/things?{query}")).insert_header(("X-Tenant", "acme"));
    assert_eq!(send(list("limit=3")).await.json(), json!({"items": [], "next_cursor": null}));
    assert_eq!(send(list("limit=3&search=x")).await.problem(), (400, "invalid_parameter".to_owned()));
}
