//! Making the program.

use std::{env, path::PathBuf};

use tokio::process::Command;

use crate::{error::BenchError, process::output_of};

/// Builds `ouvira` as this program was built, and tells where it is.
pub(crate) async fn build() -> Result<PathBuf, BenchError> {
    eprintln!("building the service");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "-p", "ouvira"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    if cfg!(debug_assertions) {
        eprintln!("note: a build without optimisation; its figures mean nothing");
    } else {
        command.arg("--release");
    }
    output_of(command).await?;
    let own = env::current_exe().map_err(BenchError::io("find this program"))?;
    Ok(own.with_file_name(format!("ouvira{}", env::consts::EXE_SUFFIX)))
}
