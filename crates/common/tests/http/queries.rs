use actix_web::test::TestRequest;
use serde_json::json;

use crate::support::{get, get_as_ada, send};

fn search(query: &str) -> TestRequest {
    get(&format!("/things/search?{query}")).insert_header(("X-Tenant", "acme"))
}

#[actix_web::test]
async fn parameters_are_parsed_as_what_they_are() {
    let query = "search=a+b%26c&small=true&sort=-name&owner=00000000-0000-0000-0000-000000000007&least=-3";
    let owner = "00000000-0000-0000-0000-000000000007";
    let parsed = json!({"search": "a b&c", "small": true, "sort": "-name", "owner": owner, "least": -3});
    assert_eq!(send(search(query)).await.json(), parsed);
    assert_eq!(send(search("")).await.json()["search"], json!(null));
    assert_eq!(send(search("search=")).await.json()["search"], json!(""));
}

#[actix_web::test]
async fn unknown_repeated_and_unparsable_ones_are_refused() {
    let cases = [
        ("serach=x", "The parameter \"serach\" is not known here"),
        ("small=true&small=true", "The parameter \"small\" is there more than once"),
        ("small=yes", "The value of \"small\" is not valid"),
        ("least=1.5", "The value of \"least\" is not valid"),
        ("least=99999999999", "The value of \"least\" is not valid"),
        ("sort=size", "The value of \"sort\" is not valid"),
        ("owner=me", "The value of \"owner\" is not valid"),
        ("search=%00", "The value of \"search\" is not valid"),
        ("limit=5", "The parameter \"limit\" is not known here"),
        ("=", "The parameter \"\" is not known here"),
    ];
    for (query, detail) in cases {
        let answer = send(search(query)).await;
        assert_eq!(answer.problem(), (400, "invalid_parameter".to_owned()), "{query}");
        assert_eq!(answer.json()["detail"], detail, "{query}");
    }
}

#[actix_web::test]
async fn a_route_without_parameters_refuses_any() {
    for path in ["/signed-in?x=1", "/oneself?tenant=acme", "/signed-in?limit=1"] {
        assert_eq!(send(get_as_ada(path)).await.problem(), (400, "invalid_parameter".to_owned()), "{path}");
    }
    assert_eq!(send(get_as_ada("/signed-in?")).await.status, 200);
}

#[actix_web::test]
async fn what_is_no_uuid_in_a_path_names_nothing() {
    let thing = |id: &str| {
        let request =
            TestRequest::delete().uri(&format!("/api/v1/things/{id}")).insert_header(("X-Tenant", "acme"));
        request.insert_header(("Authorization", "Bearer ada"))
    };
    for id in [
        "7",
        "00000000000000000000000000000007",
        "%7B00000000-0000-0000-0000-000000000007%7D",
        "00000000-0000-0000-0000-00000000000g",
    ] {
        assert_eq!(send(thing(id)).await.problem(), (404, "not_found".to_owned()), "{id}");
    }
    assert_eq!(send(thing("00000000-0000-0000-0000-000000000007")).await.status, 204);
}
