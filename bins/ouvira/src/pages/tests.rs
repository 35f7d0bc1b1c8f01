use std::io::Read as _;

use actix_web::{
    App,
    http::{Method, StatusCode, header},
    test::{TestRequest, call_service, init_service, read_body},
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::*;

/// What is answered: status, headers as text, body.
struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

async fn ask(method: Method, path: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
    let document = Arc::new(OpenApiDocument::new(&json!({"openapi": "3.0.3", "info": {"title": "Ouvira"}})));
    let app = init_service(App::new().configure(|config| routes(config, document))).await;
    let request =
        headers.iter().fold(TestRequest::with_uri(path).method(method), |request, (name, value)| {
            request.insert_header((name.clone(), *value))
        });
    let response = call_service(&app, request.to_request()).await;
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, body: read_body(response).await.to_vec() }
}

async fn get(path: &str) -> Answer {
    ask(Method::GET, path, &[]).await
}

/// The addresses in attributes of a page.
fn references(html: &str) -> Vec<&str> {
    let attributes = ["src=\"", "href=\""].into_iter().flat_map(|attribute| html.split(attribute).skip(1));
    attributes.map(|rest| rest.split('"').next().unwrap()).filter(|address| *address != "data:,").collect()
}

#[actix_web::test]
async fn every_page_is_there_with_all_it_refers_to_and_refers_to_nobody_else() {
    for path in ["/swagger/", "/swagger", "/redoc/", "/scalar/", "/api/docs"] {
        let page = get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.header(header::CONTENT_TYPE), "text/html; charset=utf-8");
        assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("script-src 'self';"), "{path}");
        let html = page.text();
        assert!(!html.contains("<style") && !html.contains("<script>") && !html.contains("://"), "{html}");
        for address in references(&html) {
            let referred = get(address).await;
            assert_eq!(referred.status, StatusCode::OK, "{address} in {path}");
            let kind = referred.header(header::CONTENT_TYPE);
            if let Some(expected) =
                [(".js", "text/javascript"), (".css", "text/css"), (".json", "application/json")]
                    .into_iter()
                    .find_map(|(end, kind)| address.ends_with(end).then_some(kind))
            {
                assert!(kind.starts_with(expected), "{address}: {kind}");
            }
            assert!(!referred.body.is_empty());
        }
    }
}

#[actix_web::test]
async fn content_is_compressed_for_those_who_take_it() {
    let path = "/swagger/swagger-ui.css";
    let plain = get(path).await;
    assert_eq!(plain.header(header::CONTENT_ENCODING), "");
    for accept in ["gzip", "br;q=1.0, gzip;q=0.8"] {
        let packed = ask(Method::GET, path, &[(header::ACCEPT_ENCODING, accept)]).await;
        assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip", "{accept}");
        assert_eq!(packed.header(header::VARY), "accept-encoding");
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, plain.body);
    }
    for accept in ["br", "gzip;q=0", "identity, gzip;q=0"] {
        let answer = ask(Method::GET, path, &[(header::ACCEPT_ENCODING, accept)]).await;
        assert_eq!(answer.header(header::CONTENT_ENCODING), "", "{accept}");
        assert_eq!(answer.body, plain.body, "{accept}");
    }
}

#[actix_web::test]
async fn what_the_client_has_is_not_sent_again() {
    let path = "/api/openapi.json";
    let first = get(path).await;
    assert_eq!(first.header(header::CACHE_CONTROL), "no-cache");
    let document: Value = serde_json::from_slice(&first.body).unwrap();
    assert_eq!(document["info"]["title"], "Ouvira");
    let tag = first.header(header::ETAG).to_owned();
    for known in [tag.as_str(), tag.trim_start_matches("W/"), "*", &format!("\"other\", {tag}")] {
        let again = ask(Method::GET, path, &[(header::IF_NONE_MATCH, known)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(again.header(header::ETAG), tag);
    }
    let other = ask(Method::GET, path, &[(header::IF_NONE_MATCH, "\"other\"")]).await;
    assert_eq!(other.status, StatusCode::OK);
}

#[actix_web::test]
async fn pages_are_read_only() {
    assert_eq!(ask(Method::HEAD, "/api/openapi.json", &[]).await.status, StatusCode::OK);
    assert_eq!(ask(Method::POST, "/api/openapi.json", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get("/swagger/nothing.js").await.status, StatusCode::NOT_FOUND);
}
