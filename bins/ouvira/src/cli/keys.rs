//! `ouvira keys`.

use std::sync::Arc;

use chrono::Duration;
use clap::{Args, Subcommand};
use ouvira_common::time::Timestamp;
use ouvira_tenancy::{KeyRecord, PlatformContext, Rotation};
use serde_json::{Value, json};

use super::{Answer, CommandError};
use crate::{config::Config, delivery::NoCaptcha, node::Node, platform::Platform};

/// The keys that sign access tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// List those that verify, the newest first.
    List,
    /// Put a new key in the place of the present one; nobody is signed out.
    Rotate(Rotate),
}

/// The times of a rotation.
#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Seconds from publishing the new key to signing with it: longer than anybody keeps our key set, and than the 30 s for
    /// which our own nodes do.
    #[arg(long, default_value_t = seconds(Rotation::default().lead), value_parser = clap::value_parser!(i64).range(40..=2_592_000))]
    lead: i64,
    /// Seconds that the former keys still verify after that: longer than any token lives, of which an operator's leave is the
    /// longest with eight hours.
    #[arg(long, default_value_t = seconds(Rotation::default().overlap), value_parser = clap::value_parser!(i64).range(960..=2_592_000))]
    overlap: i64,
    /// The present key leaked: the new one signs at once and the others verify nothing any more. Who is signed in has to refresh.
    #[arg(long, conflicts_with_all = ["lead", "overlap"])]
    leaked: bool,
}

fn seconds(duration: Duration) -> i64 {
    duration.num_seconds()
}

impl Rotate {
    fn rotation(&self) -> Rotation {
        if self.leaked {
            return Rotation { lead: Duration::zero(), overlap: Duration::zero() };
        }
        Rotation { lead: Duration::seconds(self.lead), overlap: Duration::seconds(self.overlap) }
    }
}

impl Keys {
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        super::block_on(async {
            super::require_migrated(&platform).await?;
            let node = Node::new(config, &platform, Arc::new(NoCaptcha));
            let now = node.clock.now();
            match self {
                Self::List => {
                    let keys = node.keys.list().await?;
                    let lines: Vec<String> = keys.iter().map(|key| line(key, &keys, now)).collect();
                    let items: Vec<Value> = keys.iter().map(|key| view(key, &keys, now)).collect();
                    Ok(Answer::new(lines.join("\n"), json!({"items": items})))
                }
                Self::Rotate(rotate) => {
                    let made = node.keys.rotate(&PlatformContext::system(now), rotate.rotation()).await?;
                    let keys = node.keys.list().await?;
                    Ok(Answer::new(line(&made, &keys, now), view(&made, &keys, now)))
                }
            }
        })?
    }
}

/// What a key does at present; `keys` has the one that activates last first.
fn status(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> &'static str {
    let signing = keys.iter().find(|key| key.activates_at <= now);
    match signing {
        _ if key.activates_at > now => "published",
        Some(signing) if signing.kid == key.kid => "signing",
        _ => "verifying",
    }
}

fn line(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> String {
    let ends = key.retires_at.map_or_else(String::new, |at| format!("  until {}", at.to_rfc3339()));
    format!("{}  {}  from {}{ends}", key.kid, status(key, keys, now), key.activates_at.to_rfc3339())
}

fn view(key: &KeyRecord, keys: &[KeyRecord], now: Timestamp) -> Value {
    json!({
        "kid": key.kid,
        "status": status(key, keys, now),
        "wrapped_by": key.private_key_kid,
        "created_at": key.created_at,
        "activates_at": key.activates_at,
        "retires_at": key.retires_at,
    })
}
