use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::account::make_private_dir;
use crate::child::{self, Setup};
use crate::error::StartError;

/// The role `initdb` makes. Only single-user mode ever is it.
pub(crate) const SUPERUSER: &str = "postgres";

/// Makes the cluster under another name and renames it when it is complete: an interruption leaves none, and never
/// one without its roles.
pub(crate) fn initialize(setup: &Setup<'_>) -> Result<(), StartError> {
    let unfinished = setup.dir.unfinished_cluster();
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(StartError::io("remove", &unfinished)(error));
        }
        _ => make_private_dir(&unfinished, setup.account.as_ref())?,
    }
    initdb(setup)?;
    if !setup.options.bootstrap_sql.is_empty() {
        bootstrap(setup)?;
    }
    fs::rename(&unfinished, setup.dir.cluster()).map_err(StartError::io("rename", &unfinished))?;
    if setup.options.durable {
        let root = setup.dir.root();
        File::open(root).and_then(|root| root.sync_all()).map_err(StartError::io("sync", root))?;
    }
    Ok(())
}

/// With the locale `C.UTF-8`, which knows the letters of all languages and sorts alike everywhere; where the system
/// does not have it, with `C`.
fn initdb(setup: &Setup<'_>) -> Result<(), StartError> {
    let with_locale = |locale: &str| {
        let mut command = child::command(setup, "initdb", Signal::SIGKILL)?;
        command.arg("--pgdata").arg(setup.dir.unfinished_cluster());
        command.args(["--username", SUPERUSER, "--auth", "reject", "--encoding", "UTF8", "--data-checksums"]);
        command.args(["--locale-provider", "libc", "--locale", locale, "--no-instructions"]);
        if !setup.options.durable {
            command.arg("--no-sync");
        }
        let status = command.status().map_err(StartError::io("run", Path::new("initdb")))?;
        if status.success() {
            return Ok(());
        }
        Err(StartError::Exited { program: "initdb", status, log: setup.dir.log_tail() })
    };
    match with_locale("C.UTF-8") {
        Err(StartError::Exited { log, .. }) if log.contains("invalid locale") => with_locale("C"),
        outcome => outcome,
    }
}

/// Single-user mode: a server that nobody can connect to, and its superuser.
fn bootstrap(setup: &Setup<'_>) -> Result<(), StartError> {
    let mut command = child::command(setup, "postgres", Signal::SIGKILL)?;
    // -j: a statement ends at a semicolon and an empty line, not at the first line's end.
    command.args(["--single", "-j", "-D"]).arg(setup.dir.unfinished_cluster());
    child::set(&mut command, "exit_on_error", "on");
    child::set(&mut command, "fsync", if setup.options.durable { "on" } else { "off" });
    // Standard output would only repeat the prompt.
    command.arg("postgres").stdin(Stdio::piped()).stdout(Stdio::null());

    let mut single_user = command.spawn().map_err(StartError::io("run", Path::new("postgres --single")))?;
    let mut input = single_user.stdin.take().expect("stdin was piped");
    for statement in &setup.options.bootstrap_sql {
        // An empty line inside a function's body is white space; a space in it keeps it from ending the statement.
        let statement = statement.replace(";\n\n", ";\n \n");
        if input.write_all(format!("{statement}\n;\n\n").as_bytes()).is_err() {
            break; // It has ended at an error, which its log tells.
        }
    }
    drop(input);
    let status = single_user.wait().map_err(StartError::io("wait for", Path::new("postgres --single")))?;
    if status.success() {
        return Ok(());
    }
    Err(StartError::Exited {
        program: "postgres --single (bootstrap_sql)",
        status,
        log: setup.dir.log_tail(),
    })
}
