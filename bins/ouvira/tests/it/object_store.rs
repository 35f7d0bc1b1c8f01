//! An S3 of the test's own: moto from `PyPI`, in a virtual environment under `target`.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The release that is installed.
const MOTO: &str = "moto[server]==5.2.5";

/// A running double of S3; nothing in it is kept.
pub struct ObjectStore {
    child: Child,
    port: u16,
}

impl ObjectStore {
    /// A new one with an empty bucket. `None` on a machine without Python or without a way to `PyPI`, which is said; where `CI` is
    /// set, that fails the test.
    pub async fn with_bucket(bucket: &str) -> Option<Self> {
        let python = match installed() {
            Ok(python) => python,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "moto cannot be installed: {error}");
                eprintln!("left out, for want of moto (apt-get install python3-venv): {error}");
                return None;
            }
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(python);
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let this = Self { child, port };
        let deadline = Instant::now() + Duration::from_mins(1);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "moto does not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let made = reqwest::Client::new().put(format!("{}/{bucket}", this.endpoint())).send().await.unwrap();
        assert!(made.status().is_success(), "{made:?}");
        Some(this)
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// An object's text.
    pub async fn read(&self, path: &str) -> Option<String> {
        // Whose signature it is, moto does not ask.
        let request = reqwest::Client::new().get(format!("{}/{path}", self.endpoint()));
        let anybody = "AWS4-HMAC-SHA256 Credential=a/20261120/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        let answer = request.header("Authorization", anybody).send().await.unwrap();
        if answer.status().is_success() { answer.text().await.ok() } else { None }
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python that has moto, which is installed the first time.
fn installed() -> Result<PathBuf, String> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    fs::create_dir_all(&place).map_err(|error| error.to_string())?;
    // One test run at a time makes it.
    let lock = File::create(place.join("lock")).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let (venv, done) = (place.join("venv"), place.join(MOTO));
    let python = venv.join("bin/python");
    if !done.exists() {
        said(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        said(Command::new(&python).args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            MOTO,
        ]))?;
        File::create(done).map_err(|error| error.to_string())?;
    }
    Ok(python)
}

/// Runs it to its successful end.
fn said(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
    }
}
