use uuid::Uuid;

use crate::support::{get_as_ada, send};

#[actix_web::test]
async fn a_well_formed_id_is_kept() {
    for id in ["12345678", "a.b-c_D9", &"x".repeat(128)] {
        assert_eq!(
            send(get_as_ada("/signed-in").insert_header(("X-Request-Id", id))).await.header("x-request-id"),
            id
        );
    }
}

#[actix_web::test]
async fn any_other_is_replaced_by_a_new_one() {
    for id in
        ["", "short", &"x".repeat(129), "with space", "new\u{e9}line", "semi;colon", "quo\"tes-and-more"]
    {
        let answer = send(get_as_ada("/signed-in").insert_header(("X-Request-Id", id.as_bytes()))).await;
        assert!(answer.header("x-request-id").parse::<Uuid>().is_ok(), "{id}");
    }
    let twice = get_as_ada("/signed-in")
        .append_header(("X-Request-Id", "12345678"))
        .append_header(("X-Request-Id", "12345678"));
    assert!(send(twice).await.header("x-request-id").parse::<Uuid>().is_ok());
}

#[actix_web::test]
async fn errors_have_it_too_and_two_requests_have_two() {
    let (one, two) = (send(get_as_ada("/nowhere")).await, send(get_as_ada("/panics")).await);
    assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
    assert_eq!(two.problem().0, 500);
}
