use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Where a server takes connections: a Unix socket, which Postgres names by its directory and a port number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    socket_dir: PathBuf,
    port: u16,
}

impl Endpoint {
    /// The port is part of the socket's file name and nothing else: no two servers share a directory.
    pub(crate) const PORT: u16 = 5432;

    pub(crate) fn new(socket_dir: PathBuf, port: u16) -> Self {
        Self { socket_dir, port }
    }

    /// The directory of the socket.
    pub fn socket_dir(&self) -> &Path {
        &self.socket_dir
    }

    /// The number in the socket's name. No TCP port is open.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A connection URI that libpq and `tokio_postgres::Config` both understand.
    ///
    /// The directory goes into the `host` parameter: in the place of the host name it would need a second port.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!(
            "postgres://{}@/{}?host={}&port={}",
            percent_encoded(role.as_ref()),
            percent_encoded(database.as_ref()),
            percent_encoded(self.socket_dir.as_ref()),
            self.port
        )
    }
}

/// RFC 3986, section 2.1: everything but the unreserved characters. Bytes, since a path need not be UTF-8.
fn percent_encoded(text: &OsStr) -> String {
    text.as_bytes().iter().fold(String::new(), |mut encoded, &byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes everything");
        }
        encoded
    })
}
