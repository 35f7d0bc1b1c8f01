use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::account::Account;
use crate::data_dir::DataDir;
use crate::error::StartError;
use crate::installation::Installation;
use crate::options::Options;

/// How often the state of another process is looked at: not to be felt at a start, and nothing next to one.
pub(crate) const POLL: Duration = Duration::from_millis(5);

/// What every child of one start has in common.
pub(crate) struct Setup<'a> {
    pub(crate) options: &'a Options,
    pub(crate) dir: DataDir,
    pub(crate) installation: Installation,
    /// `None`: our own.
    pub(crate) account: Option<Account>,
}

/// A program of Postgres, set up as our child: as the right account, printing into the log.
///
/// When the thread that spawns it ends, the child is sent `last_signal`, on Linux. So that thread has to stay.
pub(crate) fn command(setup: &Setup<'_>, program: &str, last_signal: Signal) -> Result<Command, StartError> {
    let mut command = Command::new(setup.installation.bin_dir.join(program));
    command
        // Our environment holds secrets, and PGPORT or PGOPTIONS would change what we start.
        .env_clear()
        .envs([("LC_ALL", "C"), ("TZ", "UTC")])
        // The account may not be able to enter the directory we are in.
        .current_dir(setup.dir.root())
        // A Ctrl-C goes to every process of the terminal's group. The database has to outlive our last requests.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(setup.dir.log()?)
        .stderr(setup.dir.log()?);
    if let Some(account) = &setup.account {
        // Drops our supplementary groups too: the standard library does when it changes root's uid.
        command.uid(account.uid).gid(account.gid);
    }
    end_with_this_thread(&mut command, last_signal);
    Ok(command)
}

/// `-c name=value`: on the command line, so that it wins over `postgresql.conf` and is decided at each start.
pub(crate) fn set(command: &mut Command, name: &str, value: impl AsRef<OsStr>) {
    let mut setting = OsStr::new(name).to_owned();
    setting.push("=");
    setting.push(value);
    command.arg("-c").arg(setting);
}

/// Has the kernel signal the child when this thread ends.
///
/// A change of credentials clears that wish. The standard library runs this after it has changed them, just before
/// `exec`, which keeps it.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "the kernel takes this wish only from the child itself, between fork and exec"
)]
fn end_with_this_thread(command: &mut Command, signal: Signal) {
    use nix::errno::Errno;
    use nix::sys::prctl::set_pdeathsig;
    use nix::unistd::{getpid, getppid};

    let us = getpid();
    let ask = move || {
        set_pdeathsig(signal)?;
        // Had we died before it asked, nobody would ever tell it.
        if getppid() == us { Ok(()) } else { Err(Errno::ESRCH.into()) }
    };
    // SAFETY: between fork and exec only what is safe in a signal handler may run: these are two system calls, and
    // neither they nor the errors made from an error number allocate.
    unsafe { command.pre_exec(ask) };
}

/// No other system can; `postmaster_pid::clear` ends the server at the next start.
#[cfg(not(target_os = "linux"))]
fn end_with_this_thread(_: &mut Command, _: Signal) {}
