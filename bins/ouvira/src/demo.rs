//! The demo tenant of a private database: what a newcomer signs in to.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use ouvira_common::{
    entropy::{OsEntropy, random_below},
    secret::Secret,
    tenant::PlacementMode,
};
use ouvira_tenancy::{NewAdministrator, NewTenant, PlatformContext, TenancyError};

use crate::{cli::CommandError, node::Node};

const SLUG: &str = "demo";
const EMAIL: &str = "admin@demo.example";
const FILE: &str = "demo-password";

/// How to sign in to the demo tenant.
pub(crate) struct Demo {
    /// For `X-Tenant`.
    pub(crate) slug: &'static str,
    /// Its first administrator.
    pub(crate) email: &'static str,
    /// Their password, made on this machine.
    pub(crate) password: String,
}

/// Makes the demo tenant unless it is there.
pub(crate) async fn ensure(node: &Node, data_dir: &Path) -> Result<Demo, CommandError> {
    let password = password(data_dir).map_err(|error| CommandError::internal(&error))?;
    let admin = NewAdministrator {
        email: EMAIL.to_owned(),
        first_name: Some("Demo".to_owned()),
        last_name: Some("Admin".to_owned()),
        password: Some(Secret::new(password.clone())),
    };
    let new = NewTenant {
        slug: SLUG.to_owned(),
        name: "Demo".to_owned(),
        mode: PlacementMode::Shared,
        admin: Some(admin),
    };
    match node.services(1).tenants.create(&PlatformContext::system(node.clock.now()), new).await {
        Ok(_) | Err(TenancyError::SlugTaken) => Ok(Demo { slug: SLUG, email: EMAIL, password }),
        Err(error) => Err(error.into()),
    }
}

/// The password in `data_dir`; a new one when there is none. Nobody knows it beforehand.
fn password(data_dir: &Path) -> std::io::Result<String> {
    let path = data_dir.join(FILE);
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
        Ok(mut file) => {
            const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
            let letter = |_| char::from(LETTERS[random_below(&OsEntropy, 32) as usize]);
            let password: String = (0..16).map(letter).collect();
            file.write_all(password.as_bytes())?;
            Ok(password)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(&path),
        Err(error) => Err(error),
    }
}
