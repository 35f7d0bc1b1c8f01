use actix_web::{HttpServer, http::Method, test::TestRequest};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Setup, send, service};

fn asking(method: Method, path: &str) -> TestRequest {
    TestRequest::default().method(method).uri(path).insert_header(("X-Tenant", "acme"))
}

#[actix_web::test]
async fn options_answers_what_is_allowed() {
    let answer = send(asking(Method::OPTIONS, "/api/v1/things")).await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS, POST");
    let answer = send(asking(Method::OPTIONS, "/api/v1/things/7")).await;
    assert_eq!(answer.header("allow"), "DELETE, OPTIONS, PATCH, PUT");
    assert_eq!(send(asking(Method::OPTIONS, "/nowhere")).await.problem().0, 404);
}

#[actix_web::test]
async fn head_is_refused_where_there_is_no_get() {
    assert_eq!(send(asking(Method::HEAD, "/api/v1/things/7")).await.problem().0, 405);
}

#[actix_web::test]
async fn head_answers_as_get_without_the_body() {
    let server = HttpServer::new(|| service(&Setup::default())).workers(1).bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    for (path, status) in [("/api/v1/anonymous", "200"), ("/nowhere", "404")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request =
            format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nX-Tenant: acme\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        assert!(head.to_lowercase().contains("content-length: "), "{head}");
        assert_eq!(body, "");
    }
    handle.stop(true).await;
}
