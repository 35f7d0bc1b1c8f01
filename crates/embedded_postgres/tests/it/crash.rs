use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, stdin};
use std::path::Path;
use std::process::{Child, Command, Stdio, id};

use ouvira_embedded_postgres::EmbeddedPostgres;
use tempfile::TempDir;

use crate::support::{ask, connect, data_dir, eventually, options, postmaster_pid, scratch};

/// This test binary again, as the process that is going to be killed: it runs the one test below.
fn holder(scratch: &TempDir) -> Child {
    let mut holder = Command::new(env::current_exe().unwrap())
        .args(["--exact", "crash::hold_a_server", "--nocapture"])
        .env("HOLD", scratch.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(holder.stdout.as_mut().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line.contains("the server is ready")));
    holder
}

/// The process that other tests kill; on its own there is nothing for it to hold.
#[test]
fn hold_a_server() {
    let Some(data_dir) = env::var_os("HOLD") else { return };
    let mut options = options(&scratch());
    options.data_dir = Path::new(&data_dir).join("postgres");
    let _server = EmbeddedPostgres::start(&options).unwrap();
    println!("the server is ready");
    let _ = stdin().read(&mut [0]);
}

#[test]
#[cfg(target_os = "linux")] // Only Linux tells a child that its parent has died.
fn a_kill_of_our_process_shuts_the_server_down_in_order() {
    let scratch = scratch();
    let mut holder = holder(&scratch);
    connect(&EmbeddedPostgres::running(data_dir(&scratch)).unwrap().url("app", "app"));

    holder.kill().unwrap();
    holder.wait().unwrap();
    eventually("the server ends", || !postmaster_pid(&data_dir(&scratch)).exists());
    let log = fs::read_to_string(data_dir(&scratch).join("postgres.log")).unwrap();
    assert!(log.contains("database system is shut down"), "{log}");
}

#[test]
fn a_start_right_after_a_kill_takes_over() {
    let scratch = scratch();
    let mut holder = holder(&scratch);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&server, "SELECT 'mine now'"), "mine now");
}

#[test]
fn a_stale_pid_file_is_survived_even_if_its_number_is_in_use_again() {
    let scratch = scratch();
    EmbeddedPostgres::start(&options(&scratch)).unwrap().stop();
    let left =
        format!("{}\n{}\n1\n5432\n/tmp\n\n0\nready   \n", id(), data_dir(&scratch).join("data").display());
    fs::write(postmaster_pid(&data_dir(&scratch)), left).unwrap();

    assert_eq!(EmbeddedPostgres::running(data_dir(&scratch)), None);
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&server, "SELECT 'alive'"), "alive");
}

#[test]
fn a_start_right_after_the_server_itself_was_killed_recovers_what_was_committed() {
    let scratch = scratch();
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    let mut client = connect(&server.url("app", "app"));
    client.batch_execute("SET synchronous_commit = on; CREATE TABLE kept AS SELECT 'here' AS what").unwrap();
    let pid = fs::read_to_string(postmaster_pid(&data_dir(&scratch))).unwrap();
    let killed = Command::new("kill").args(["-KILL", pid.lines().next().unwrap()]).status().unwrap();
    assert!(killed.success());
    server.stop();

    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&server, "SELECT what FROM kept"), "here");
}
