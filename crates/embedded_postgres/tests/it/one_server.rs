use std::thread;

use ouvira_embedded_postgres::{EmbeddedPostgres, StartError};

use crate::support::{ask, connect, data_dir, options, scratch};

#[test]
fn a_second_starter_is_led_to_the_first_ones_server() {
    let scratch = scratch();
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    let error = EmbeddedPostgres::start(&options(&scratch)).unwrap_err();
    let StartError::AlreadyRunning { endpoint, .. } = error else { panic!("{error:?}") };
    assert_eq!(&endpoint, server.endpoint());
    connect(&endpoint.url("app", "app"));
}

#[test]
fn of_many_starters_at_once_one_wins_and_the_others_can_use_its_server() {
    let scratch = scratch();
    let starters: Vec<_> = (0..4)
        .map(|_| options(&scratch))
        .map(|o| thread::spawn(move || EmbeddedPostgres::start(&o)))
        .collect();
    let outcomes: Vec<_> = starters.into_iter().map(|starter| starter.join().unwrap()).collect();

    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        let StartError::AlreadyRunning { endpoint, .. } = error else { panic!("{error:?}") };
        connect(&endpoint.url("app", "app"));
    }
}

#[test]
fn a_running_server_is_found_until_it_is_stopped() {
    let scratch = scratch();
    assert_eq!(EmbeddedPostgres::running(data_dir(&scratch)), None);
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(EmbeddedPostgres::running(data_dir(&scratch)).as_ref(), Some(server.endpoint()));
    server.stop();
    assert_eq!(EmbeddedPostgres::running(data_dir(&scratch)), None);

    let again = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    assert_eq!(ask(&again, "SELECT 'again'"), "again");
}

#[test]
fn stop_does_not_wait_for_those_connected() {
    let scratch = scratch();
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    let mut client = connect(&server.url("app", "app"));
    client.batch_execute("BEGIN; CREATE TABLE never (id int)").unwrap();
    server.stop();
    assert!(client.batch_execute("COMMIT").is_err());
}
