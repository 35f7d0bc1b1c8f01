use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use ouvira_embedded_postgres::{EmbeddedPostgres, StartError};
use postgres::{Client, NoTls};

use crate::support::{ask, data_dir, options, scratch};

#[test]
fn only_the_roles_named_get_in() {
    let scratch = scratch();
    let mut options = options(&scratch);
    options.bootstrap_sql.push("CREATE ROLE stranger LOGIN".into());
    let server = EmbeddedPostgres::start(&options).unwrap();

    assert_eq!(ask(&server, "SELECT current_user::text"), "app");
    for role in ["postgres", "stranger"] {
        let refused = Client::connect(&server.url(role, "app"), NoTls).err().unwrap();
        let refused = refused.as_db_error().unwrap().message();
        assert!(refused.contains("pg_hba.conf rejects connection"), "{role}: {refused}");
    }
}

#[test]
fn the_roles_named_may_change_from_start_to_start() {
    let scratch = scratch();
    let mut options = options(&scratch);
    EmbeddedPostgres::start(&options).unwrap().stop();
    options.login_roles.clear();
    let server = EmbeddedPostgres::start(&options).unwrap();
    assert!(Client::connect(&server.url("app", "app"), NoTls).is_err());
}

#[test]
fn the_superuser_cannot_be_a_login_role() {
    let scratch = scratch();
    for role in ["postgres", "", "a\" trust\nlocal all \"postgres"] {
        let mut options = options(&scratch);
        options.login_roles = vec![role.into()];
        let error = EmbeddedPostgres::start(&options).unwrap_err();
        assert!(matches!(error, StartError::LoginRole(_)), "{error:?}");
    }
}

#[test]
fn the_socket_and_the_data_are_behind_closed_doors_of_one_account() {
    let scratch = scratch();
    let server = EmbeddedPostgres::start(&options(&scratch)).unwrap();
    let socket_dir = fs::metadata(server.endpoint().socket_dir()).unwrap();
    let cluster = fs::metadata(data_dir(&scratch).join("data")).unwrap();
    assert_eq!((socket_dir.mode() & 0o777, cluster.mode() & 0o777), (0o700, 0o700));
    assert_eq!(socket_dir.uid(), cluster.uid());
    assert_ne!(cluster.uid(), 0);
}

#[test]
fn as_root_a_closed_directory_on_the_way_is_named() {
    let scratch = scratch();
    if fs::metadata(scratch.path()).unwrap().uid() != 0 {
        return; // An ordinary user's server is an ordinary user too.
    }
    fs::set_permissions(scratch.path(), Permissions::from_mode(0o700)).unwrap();
    let error = EmbeddedPostgres::start(&options(&scratch)).unwrap_err();
    let StartError::Unreachable { directory, .. } = &error else { panic!("{error:?}") };
    assert_eq!(directory, &scratch.path().canonicalize().unwrap());
    assert!(error.to_string().contains("Set DATA_DIR"), "{error}");
}
