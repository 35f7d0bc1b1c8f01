//! TLS that the binary ends by itself, seen by a client of its own.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{production::Server, service::run};

/// A certificate for `localhost`, signed by itself: `tls.crt` and `tls.key`.
fn certificate(dir: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-keyout", "tls.key", "-out", "tls.crt", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .current_dir(dir)
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
}

struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Production with a certificate and no proxy: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1, HSTS for a year; nothing in the clear,
/// and nobody's word about who the client is.
#[tokio::test]
async fn the_binary_ends_tls_where_no_proxy_does() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    certificate(dir.path());
    let mut migrate = server.command(dir.path(), "ouvira_app");
    run(migrate.args(["migrate", "--json"]).env("DATABASE_OWNER_URL", server.url("ouvira_owner")));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let node = Node(
        server
            .command(dir.path(), "ouvira_app")
            .arg("serve")
            .env("BIND_ADDRESS", format!("127.0.0.1:{port}"))
            .env_remove("TRUSTED_PROXIES")
            .env("TLS_CERTIFICATE_FILE", dir.path().join("tls.crt"))
            .env("TLS_KEY_FILE", dir.path().join("tls.key"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let pem = std::fs::read(dir.path().join("tls.crt")).unwrap();
    let trusting = reqwest::Client::builder()
        .tls_certs_only([reqwest::Certificate::from_pem(&pem).unwrap()])
        .build()
        .unwrap();
    let url = format!("https://localhost:{port}/api/v1/timezone");
    let deadline = Instant::now() + Duration::from_mins(1);
    let answer = loop {
        match trusting.get(&url).send().await {
            Ok(answer) => break answer,
            Err(error) => assert!(Instant::now() < deadline, "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=31536000");

    let strange = reqwest::Client::new().get(&url).send().await;
    assert!(strange.is_err(), "a certificate that nobody vouches for is not taken by who does not know it");

    // What the client says of itself counts for nothing: both are one client.
    let policy = |answer: &reqwest::Response| answer.headers()["ratelimit"].to_str().unwrap().to_owned();
    let left =
        |text: &str| text.split("r=").nth(1).unwrap().split(';').next().unwrap().parse::<u32>().unwrap();
    let before = left(&policy(&answer));
    let said = trusting.get(&url).header("X-Forwarded-For", "192.0.2.77").send().await.unwrap();
    assert_eq!(left(&policy(&said)), before - 1);

    // In the clear there is no answer.
    let mut plain = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    plain.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut heard = Vec::new();
    let _ = plain.read_to_end(&mut heard).await;
    assert!(!String::from_utf8_lossy(&heard).contains("200 OK"), "{heard:?}");

    for (version, spoken) in [("-tls1_3", true), ("-tls1_2", true), ("-tls1_1", false)] {
        let said = Command::new("openssl")
            .args(["s_client", "-connect", &format!("localhost:{port}"), version, "-alpn", "h2,http/1.1"])
            .args(["-CAfile", "tls.crt", "-verify_return_error"])
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&said.stdout).into_owned();
        assert_eq!(
            text.contains("Verify return code: 0 (ok)") && said.status.success(),
            spoken,
            "{version}: {text}"
        );
        if spoken {
            assert!(text.contains("ALPN protocol: h2"), "{version}: {text}");
        }
    }
    drop(node);
}
