//! A Redis of the test's own.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// A `redis-server` on a socket in a directory of its own; nothing of it is kept.
pub struct RedisServer {
    dir: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// A new one, which answers.
    pub fn start() -> Self {
        let mut this = Self { dir: tempfile::tempdir().unwrap(), child: None };
        this.resume();
        this
    }

    fn socket(&self) -> PathBuf {
        self.dir.path().join("redis.sock")
    }

    /// What `REDIS_URL` would be.
    pub fn url(&self) -> String {
        format!("unix://{}", self.socket().display())
    }

    /// Ends it at once, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again, empty, at the same address.
    pub fn resume(&mut self) {
        let mut command = Command::new("redis-server");
        command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]).arg(self.socket());
        command.current_dir(self.dir.path()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("redis-server is installed"));
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < deadline, "redis-server does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// What it answers to a command, as `redis-cli` writes it.
    pub fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli").arg("-s").arg(self.socket()).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// Has it read no more, and answer nobody, while its connections stay open.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Has it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}
