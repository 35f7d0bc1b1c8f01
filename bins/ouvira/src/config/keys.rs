//! The deployment's own keys.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ouvira_common::{sealing::WrappingKeys, secret::Secret};

use super::source::{Refusal, Source, secret};

/// Keys that the deployment keeps outside of the database. In local mode both are made on the first start when missing.
#[derive(Debug)]
pub(crate) struct KeyConfig {
    /// `SECRET_KEY`: signs what the service gives to clients and takes back, such as cursors.
    pub(crate) secret: Option<Secret>,
    /// `ENCRYPTION_KEYS`: wrap the tenants' data keys; the first one wraps, all unwrap.
    pub(crate) encryption: Option<WrappingKeys>,
}

impl KeyConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        Self {
            secret: source.secret("SECRET_KEY", secret),
            encryption: source.secret("ENCRYPTION_KEYS", wrapping_keys),
        }
    }
}

fn wrapping_keys(text: &str) -> Result<WrappingKeys, Refusal> {
    let keys = WrappingKeys::parse(text).map_err(|_| {
        "must be name:key, comma-separated, each key 32 bytes in base64 (openssl rand -base64 32)".to_owned()
    })?;
    let mut names = BTreeSet::new();
    for (name, key) in text.split(',').filter_map(|item| item.trim().split_once(':')) {
        if !names.insert(name) {
            return Err(format!("names two keys {name}"));
        }
        let distinct: BTreeSet<u8> = STANDARD.decode(key).unwrap_or_default().into_iter().collect();
        if distinct.len() < 8 {
            return Err(format!("holds a key that is not random: {name}"));
        }
    }
    Ok(keys)
}
