//! Programs that run to their end.

use std::path::Path;

use tokio::process::Command;

use crate::error::BenchError;

/// How many lines of a log are shown.
const LINES: usize = 20;

/// Runs `command` to its end; what it printed on stdout, if it ended well.
pub(crate) async fn output_of(mut command: Command) -> Result<String, BenchError> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let ended =
        command.kill_on_drop(true).output().await.map_err(BenchError::io(format!("run {program}")))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let arguments: Vec<_> = command.as_std().get_args().map(|word| word.to_string_lossy()).collect();
    let output = String::from_utf8_lossy(&ended.stderr).into_owned();
    Err(BenchError::Program { program: format!("{program} {}", arguments.join(" ")), output })
}

/// The last lines of the log in `file`.
pub(crate) fn tail(file: &Path) -> String {
    let log = std::fs::read(file).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
