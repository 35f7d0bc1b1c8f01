//! One keep-alive connection, and just enough of HTTP/1.1 to use it: a client library would take more of the machine than
//! the servers have to spare.

use std::{fmt, io, net::SocketAddr};

use httparse::Status;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Header fields an answer may have.
const HEADERS: usize = 48;

/// An open connection.
pub(crate) struct Connection {
    stream: TcpStream,
    /// What has been read and belongs to the current answer.
    buffer: Vec<u8>,
}

/// An answer, until the next request.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    /// The status.
    pub(crate) status: u16,
    /// The body, whole.
    pub(crate) body: &'a [u8],
}

impl fmt::Display for Answer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(self.body))
    }
}

/// Where the parts of an answer are.
struct Head {
    status: u16,
    length: usize,
    body: usize,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends one request and reads its answer. After an error the connection is of no more use.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let head = loop {
            self.read().await?;
            if let Some(head) = head(&self.buffer)? {
                break head;
            }
        };
        let end = head.body + head.length;
        while self.buffer.len() < end {
            self.read().await?;
        }
        if self.buffer.len() > end {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more was sent than the answer"));
        }
        Ok(Answer { status: head.status, body: &self.buffer[head.body..end] })
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The head at the beginning of `bytes`, once it is there. Only bodies with a length are understood (RFC 9112, section
/// 6.2), which is how actix-web sends everything that is not a stream.
fn head(bytes: &[u8]) -> io::Result<Option<Head>> {
    let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let Status::Complete(body) = response.parse(bytes).map_err(|error| invalid(error.to_string()))? else {
        return Ok(None);
    };
    let status = response.code.unwrap_or_default();
    let named = |name: &str| response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
    if named("transfer-encoding").is_some() {
        return Err(invalid("an answer without a length".to_owned()));
    }
    let length = match named("content-length") {
        // RFC 9110, section 15.3.5: a 204 has no body and names no length.
        None if status == 204 => 0,
        None => return Err(invalid("an answer without a length".to_owned())),
        Some(header) => std::str::from_utf8(header.value)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| invalid("an answer whose length is no number".to_owned()))?,
    };
    Ok(Some(Head { status, length, body }))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers each request with the next of `answers`, in pieces.
    async fn server(answers: &'static [&'static [&'static str]]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            for answer in answers {
                let mut request = [0; 64];
                let _ = stream.read(&mut request).await.unwrap();
                for piece in *answer {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn answers_are_read_one_after_the_other_however_they_arrive() {
        let address = server(&[
            &["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"],
            &["HTTP/1.1 201 Cre", "ated\r\nContent-Length: 2\r\n", "\r\n{", "}"],
            &["HTTP/1.1 204 No Content\r\n\r\n"],
        ])
        .await;
        let mut connection = Connection::open(address).await.unwrap();
        for expected in [(200, "hello"), (201, "{}"), (204, "")] {
            let answer = connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            assert_eq!((answer.status, std::str::from_utf8(answer.body).unwrap()), expected);
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        const ANSWERS: &[&[&[&str]]] = &[
            &[&["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"]],
            &[&["HTTP/1.1 200 OK\r\n\r\n"]],
            &[&["HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab"]],
            &[&["HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab"]],
            &[&["SSH-2.0-OpenSSH_9.2\r\n"]],
        ];
        for answer in ANSWERS {
            let mut connection = Connection::open(server(answer).await).await.unwrap();
            assert!(connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.is_err(), "{answer:?}");
        }
    }
}
