use std::fs;
use std::process::Command;
use std::thread;
use std::time::Instant;

use ouvira_embedded_postgres::{EmbeddedPostgres, Options, StartError};

use crate::support::{ask, connect, data_dir, options, postmaster_pid, scratch};

#[test]
fn a_second_start_finds_what_the_first_one_left() {
    let scratch = scratch();
    let mut options = options(&scratch);
    options.durable = true;

    let since = Instant::now();
    let server = EmbeddedPostgres::start(&options).unwrap();
    eprintln!("first start: {:?}", since.elapsed());
    connect(&server.url("app", "app")).batch_execute("CREATE TABLE kept AS SELECT 'here' AS what").unwrap();
    server.stop();
    assert!(!postmaster_pid(&data_dir(&scratch)).exists(), "stop returns when the server is gone");

    // Bootstrap does not run again: this would fail.
    options.bootstrap_sql.push("CREATE ROLE app".into());
    let since = Instant::now();
    let server = EmbeddedPostgres::start(&options).unwrap();
    eprintln!("second start: {:?}", since.elapsed());
    assert_eq!(ask(&server, "SELECT what FROM kept"), "here");
    let since = Instant::now();
    drop(server);
    eprintln!("stop: {:?}", since.elapsed());
}

#[test]
fn the_cluster_is_utf_8_with_checksums_and_as_durable_as_asked() {
    let scratch = scratch();
    let mut options = options(&scratch);
    options.max_connections = 17;
    let settings =
        "SELECT concat_ws(' ', current_setting('server_encoding'), current_setting('data_checksums'),
        current_setting('fsync'), current_setting('full_page_writes'), current_setting('max_connections'),
        current_setting('listen_addresses'))";

    let server = EmbeddedPostgres::start(&options).unwrap();
    assert_eq!(ask(&server, settings), "UTF8 on off off 17 ");
    server.stop();

    options.durable = true;
    let server = EmbeddedPostgres::start(&options).unwrap();
    assert_eq!(ask(&server, settings), "UTF8 on on on 17 ");
}

#[test]
fn a_server_outlives_the_thread_that_started_it() {
    let scratch = scratch();
    let options = options(&scratch);
    let server = thread::spawn(move || EmbeddedPostgres::start(&options).unwrap()).join().unwrap();
    assert_eq!(ask(&server, "SELECT 'alive'"), "alive");
}

#[test]
fn a_path_too_long_for_a_socket_gets_a_short_one_elsewhere() {
    let scratch = scratch();
    let mut options = options(&scratch);
    options.data_dir = scratch.path().join("a directory, with a name".repeat(4)).join("d%éep".repeat(9));
    let server = EmbeddedPostgres::start(&options).unwrap();
    let socket_dir = server.endpoint().socket_dir().to_owned();

    assert!(!socket_dir.starts_with(&options.data_dir));
    assert_eq!(ask(&server, "SELECT 'here'"), "here");
    assert_eq!(EmbeddedPostgres::running(&options.data_dir).as_ref(), Some(server.endpoint()));
    server.stop();
    assert!(!socket_dir.exists(), "it leaves nothing in the temporary directory");
}

#[test]
fn a_path_with_odd_characters_is_understood_by_psql_too() {
    for name in ["ü \" 100% & 'more'", "with a, comma"] {
        let scratch = scratch();
        let mut options = options(&scratch);
        options.data_dir = scratch.path().join(name);
        let server = EmbeddedPostgres::start(&options).unwrap();

        assert_eq!(ask(&server, "SELECT 'here'"), "here");
        let psql = Command::new("psql").args(["-XAtc", "SELECT 'here'", &server.url("app", "app")]).output();
        let Ok(psql) = psql else { return }; // Not everybody has it.
        assert_eq!(
            String::from_utf8_lossy(&psql.stdout),
            "here\n",
            "{}",
            String::from_utf8_lossy(&psql.stderr)
        );
    }
}

#[test]
fn a_bootstrap_statement_may_have_many_lines_and_blank_ones() {
    let scratch = scratch();
    let mut options = options(&scratch);
    let body = "DO $$\nBEGIN\n  CREATE ROLE one;\n\n  CREATE ROLE two;\nEND\n$$; -- done";
    options.bootstrap_sql.push(body.into());
    let server = EmbeddedPostgres::start(&options).unwrap();
    let roles =
        "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolname IN ('one', 'two')";
    assert_eq!(ask(&server, roles), "one two");
}

#[test]
fn a_bootstrap_that_fails_leaves_no_cluster() {
    let scratch = scratch();
    let mut broken = options(&scratch);
    broken.bootstrap_sql.push("CREATE ROLL oops".into());
    let error = EmbeddedPostgres::start(&broken).unwrap_err();
    assert!(matches!(error, StartError::Exited { .. }), "{error:?}");
    assert!(error.to_string().contains("syntax error at or near \"ROLL\""), "{error}");

    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&server, "SELECT 'mended'"), "mended");
}

#[test]
fn an_initdb_cut_short_is_done_again() {
    let scratch = scratch();
    let unfinished = data_dir(&scratch).join("data.new");
    fs::create_dir_all(unfinished.join("base")).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();

    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&server, "SELECT 'whole'"), "whole");
    assert!(!unfinished.exists());
}

#[test]
fn a_server_that_will_not_start_is_quoted() {
    let scratch = scratch();
    EmbeddedPostgres::start(&options(&scratch)).unwrap().stop();
    fs::remove_file(data_dir(&scratch).join("data/global/pg_control")).unwrap();
    let error = EmbeddedPostgres::start(&options(&scratch)).unwrap_err();
    assert!(error.to_string().contains("pg_control"), "{error}");
}

#[test]
fn without_binaries_the_error_says_what_to_install() {
    let scratch = scratch();
    let mut options = Options::new(data_dir(&scratch));
    options.bin_dir = Some(scratch.path().to_owned());
    let text = EmbeddedPostgres::start(&options).unwrap_err().to_string();
    for part in ["sudo apt install postgresql\n", "sudo dnf install", "brew install", "DATABASE_URL"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn an_old_version_is_refused_and_a_cluster_is_left_to_its_own() {
    let scratch = scratch();
    let bin_dir = scratch.path().join("bin");
    fs::create_dir(&bin_dir).unwrap();
    fake(&bin_dir.join("initdb"), "exit 1");
    fake(&bin_dir.join("postgres"), "echo 'postgres (PostgreSQL) 14.9'");
    let mut options = Options::new(data_dir(&scratch));
    options.bin_dir = Some(bin_dir.clone());
    let error = EmbeddedPostgres::start(&options).unwrap_err();
    assert!(matches!(error, StartError::TooOld { major: 14, .. }), "{error:?}");

    fake(&bin_dir.join("postgres"), "echo 'postgres (PostgreSQL) 18.1'");
    fs::create_dir_all(options.data_dir.join("data")).unwrap();
    fs::write(options.data_dir.join("data/PG_VERSION"), "16\n").unwrap();
    let error = EmbeddedPostgres::start(&options).unwrap_err();
    assert!(matches!(error, StartError::OtherVersion { needed: 16, found: 18, .. }), "{error:?}");
}

fn fake(program: &std::path::Path, script: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(program, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).unwrap();
}
