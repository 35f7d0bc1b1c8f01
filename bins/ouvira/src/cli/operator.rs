//! `ouvira operator`.

use std::sync::Arc;

use clap::Subcommand;
use ouvira_common::{secret::Secret, settings::TenantSettings};
use ouvira_tenancy::PlatformContext;
use serde_json::json;

use super::{Answer, CommandError};
use crate::{config::Config, delivery::NoCaptcha, node::Node, platform::Platform};

/// People who run the platform.
#[derive(Debug, Subcommand)]
pub(super) enum Operator {
    /// Make one.
    Create {
        /// E-mail address.
        #[arg(long)]
        email: String,
        /// Password, 8 to 128 characters.
        #[arg(long, env = "OUVIRA_OPERATOR_PASSWORD", hide_env_values = true)]
        password: String,
    },
}

impl Operator {
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let Self::Create { email, password } = self;
        let platform = Platform::open(config)?;
        super::block_on(async {
            let node = Node::new(config, &platform, Arc::new(NoCaptcha));
            let ctx = PlatformContext::system(node.clock.now());
            let hash = node.passwords().hash_under(&TenantSettings::default(), &Secret::new(password)).await;
            let hash = hash.map_err(|error| CommandError::refused(&error))?;
            let operator = node.operators().create(&ctx, &email, &hash).await?;
            let (id, email) = (operator.id, operator.email.as_str().to_owned());
            Ok(Answer::new(format!("Made operator {email} ({id})"), json!({"id": id, "email": email})))
        })?
    }
}
