use actix_web::{
    App,
    test::{TestRequest, call_service, init_service, read_body_json},
};
use apistos::{app::OpenApiWrapper as _, spec::Spec, web::scope};
use ouvira_common::{
    text::{Email, Phone},
    time::SystemClock,
};
use serde_json::json;

use super::*;

fn inbox() -> Inbox {
    Inbox::new(Arc::new(SystemClock))
}

async fn mail(inbox: &Inbox, to: &str, subject: &str) {
    let to = Email::parse("/to", to).unwrap();
    let mail = Mail {
        to,
        subject: subject.to_owned(),
        text: "text".to_owned(),
        html: "html".to_owned(),
        data: Map::new(),
    };
    Mailer::send(inbox, &mail).await.unwrap();
}

async fn get(inbox: &Inbox, query: &str) -> (u16, Value) {
    let app = App::new()
        .document(Spec::default())
        .app_data(actix_web::web::Data::new(inbox.clone()))
        .service(scope("/api/v1").configure(inbox_routes))
        .build("/api/openapi.json");
    let app = init_service(app).await;
    let request = TestRequest::get().uri(&format!("/api/v1/dev/messages{query}")).to_request();
    let response = call_service(&app, request).await;
    (response.status().as_u16(), read_body_json(response).await)
}

#[actix_web::test]
async fn messages_are_read_newest_first_and_by_address() {
    let inbox = inbox();
    mail(&inbox, "Ada@example.com", "first").await;
    let data = json!({"code": "123456", "link": "https://app.example.com/x?token=t", "token": "t", "tenant": "Acme"});
    let Value::Object(data) = data else { unreachable!() };
    let sms = Sms { to: Phone::parse("/to", "+33612345678").unwrap(), text: "123456".to_owned(), data };
    SmsSender::send(&inbox, &sms).await.unwrap();
    mail(&inbox, "bob@example.com", "third").await;

    let (status, all) = get(&inbox, "").await;
    assert_eq!(status, 200);
    let subjects: Vec<_> =
        all["items"].as_array().unwrap().iter().map(|item| item["subject"].clone()).collect();
    assert_eq!(subjects, [json!("third"), Value::Null, json!("first")]);
    assert_eq!(all["items"][0]["data"], json!({}));

    let (_, ada) = get(&inbox, "?to=ada%40example.com").await;
    assert_eq!(ada["items"].as_array().unwrap().len(), 1);
    for query in ["?to=%2B33612345678", "?to=+33612345678"] {
        let (_, found) = get(&inbox, query).await;
        let item = &found["items"][0];
        assert_eq!((&item["channel"], &item["to"]), (&json!("sms"), &json!("+33612345678")), "{query}");
        assert_eq!(
            item["data"],
            json!({"code": "123456", "link": "https://app.example.com/x?token=t", "token": "t"})
        );
        assert!(item["created_at"].as_str().unwrap().ends_with('Z'));
    }
    assert_eq!(get(&inbox, "?to=eve%40example.com").await.1, json!({"items": []}));
}

#[actix_web::test]
async fn an_unknown_parameter_is_refused() {
    assert_eq!(get(&inbox(), "?address=ada").await.0, 400);
}

#[tokio::test]
async fn the_oldest_messages_go() {
    let inbox = inbox();
    for number in 0..CAPACITY + 5 {
        mail(&inbox, "ada@example.com", &number.to_string()).await;
    }
    let items = inbox.list(None);
    assert_eq!(items.len(), CAPACITY);
    assert_eq!(items.first().unwrap().subject.as_deref(), Some("204"));
    assert_eq!(items.last().unwrap().subject.as_deref(), Some("5"));
}
