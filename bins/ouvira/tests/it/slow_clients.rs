//! Clients that are slow on purpose hold nothing, and work that stands still is not waited for.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::service::Service;

/// Longer than anything here may take; what does not end by itself fails.
const LONG: Duration = Duration::from_mins(1);

async fn connect(service: &Service) -> TcpStream {
    let probe = service.request("GET", "/health").build().unwrap();
    TcpStream::connect(("127.0.0.1", probe.url().port().unwrap())).await.unwrap()
}

/// A head that does not come, or byte by byte (slowloris), is not waited for, however lively its sender is.
#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let service = Service::start(&[("CLIENT_TIMEOUT", "1")]).await;
    let mut silent = connect(&service).await;
    silent.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n").await.unwrap();
    let mut said = Vec::new();
    timeout(LONG, silent.read_to_end(&mut said)).await.expect("it is closed").unwrap();
    let said = String::from_utf8_lossy(&said);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");

    let mut dripping = connect(&service).await;
    dripping.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx-slow: ").await.unwrap();
    let drip = async {
        while dripping.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(LONG, drip).await.expect("it is closed");
    service.send(service.request("GET", "/health")).await.expect(200);
}

/// The state of our end's peer in the kernel's table: whether the node still holds its end of the connection.
fn holds(service_port: u16, our_port: u16) -> bool {
    let established = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let (local, remote) = (format!(":{service_port:04X}"), format!(":{our_port:04X}"));
    established.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.len() > 3 && fields[1].ends_with(&local) && fields[2].ends_with(&remote) && fields[3] == "01"
    })
}

/// Whoever asks for much and takes nothing of it is let go.
#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_is_let_go() {
    let service = Service::start(&[("CLIENT_TIMEOUT", "1")]).await;
    let mut stream = connect(&service).await;
    let (ours, theirs) = (stream.local_addr().unwrap().port(), stream.peer_addr().unwrap().port());
    for _ in 0..16 {
        stream.write_all(b"GET /api/openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    }
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    assert!(holds(theirs, ours), "more is to come");
    let deadline = Instant::now() + LONG;
    while holds(theirs, ours) {
        assert!(Instant::now() < deadline, "the node holds on to a client that takes nothing");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    service.send(service.request("GET", "/health")).await.expect(200);
}

/// Headers and address beyond any measure end the connection, with a bare answer at most; the next client is served.
#[tokio::test]
async fn heads_beyond_measure_are_refused() {
    let service = Arc::new(Service::start(&[]).await);
    for head in [
        format!("GET /health HTTP/1.1\r\nhost: localhost\r\nx-long: {}\r\n\r\n", "a".repeat(200_000)),
        format!("GET /health HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x-many: a\r\n".repeat(2_000)),
        format!("GET /health?{} HTTP/1.1\r\nhost: localhost\r\n\r\n", "a".repeat(200_000)),
        "GET /health HTTP/9.9\r\n\r\n".to_owned(),
        "\0\0\0\r\n\r\n".to_owned(),
    ] {
        let mut stream = connect(&service).await;
        // It may be closed before all of it is sent.
        let _ = stream.write_all(head.as_bytes()).await;
        let mut said = Vec::new();
        let _ = timeout(LONG, stream.read_to_end(&mut said)).await.expect("it is closed");
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.is_empty() || said.starts_with("HTTP/1.1 4"),
            "{}: {said}",
            head.chars().take(40).collect::<String>()
        );
    }
    service.send(service.request("GET", "/health")).await.expect(200);
}
