//! `ouvira operator`.

use std::sync::Arc;

use clap::{Args, Subcommand};
use ouvira_common::{ports::HashedPassword, secret::Secret, settings::TenantSettings};
use ouvira_tenancy::{Operator as Record, Operators, PlatformContext};
use serde_json::{Value, json};

use super::{Answer, CommandError, every_page::every_page};
use crate::{config::Config, delivery::NoCaptcha, node::Node, platform::Platform};

/// People who run the platform.
#[derive(Debug, Subcommand)]
pub(super) enum Operator {
    /// Make one.
    Create(WithPassword),
    /// List all of them.
    List,
    /// Let one sign in again.
    Activate(Which),
    /// Switch one off: their sessions end at once, and all leave they have to act in tenants.
    Deactivate(Which),
    /// Give one another password; their sessions end.
    SetPassword(WithPassword),
    /// Take the second factor away from one who lost it; their sessions end.
    ResetSecondFactor(Which),
}

/// Which operator.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// E-mail address.
    #[arg(long)]
    email: String,
}

/// An operator and their password.
#[derive(Debug, Args)]
pub(super) struct WithPassword {
    /// E-mail address.
    #[arg(long)]
    email: String,
    /// Password, 8 to 128 characters.
    #[arg(long, env = "OUVIRA_OPERATOR_PASSWORD", hide_env_values = true)]
    password: String,
}

impl Operator {
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        super::block_on(async {
            super::require_migrated(&platform).await?;
            let node = Node::new(config, &platform, Arc::new(NoCaptcha));
            let ctx = PlatformContext::system(node.clock.now());
            let operators = node.operators();
            match self {
                Self::Create(WithPassword { email, password }) => {
                    let hash = hash(&node, password).await?;
                    let made = operators.create(&ctx, &email, &hash).await?;
                    let Record { id, email, .. } = &made;
                    Ok(Answer::new(
                        format!("Made operator {email} ({id})"),
                        json!({"id": id, "email": email}),
                    ))
                }
                Self::List => list(&operators).await,
                Self::Activate(Which { email }) => {
                    operators.set_active(&ctx, operators.find_by_email(&email).await?.id, true).await?;
                    changed(&operators, &email).await
                }
                Self::Deactivate(Which { email }) => {
                    operators.set_active(&ctx, operators.find_by_email(&email).await?.id, false).await?;
                    changed(&operators, &email).await
                }
                Self::SetPassword(WithPassword { email, password }) => {
                    let operator = operators.find_by_email(&email).await?;
                    operators.set_password(&ctx, operator.id, &hash(&node, password).await?).await?;
                    changed(&operators, &email).await
                }
                Self::ResetSecondFactor(Which { email }) => {
                    operators.reset_second_factor(&ctx, operators.find_by_email(&email).await?.id).await?;
                    changed(&operators, &email).await
                }
            }
        })?
    }
}

async fn hash(node: &Node, password: String) -> Result<HashedPassword, CommandError> {
    let hash = node.passwords().hash_under(&TenantSettings::default(), &Secret::new(password)).await;
    hash.map_err(|error| CommandError::refused(&error))
}

async fn changed(operators: &Operators, email: &str) -> Result<Answer, CommandError> {
    let operator = operators.find_by_email(email).await?;
    Ok(Answer::new(line(&operator), view(&operator)))
}

async fn list(operators: &Operators) -> Result<Answer, CommandError> {
    let all = every_page(async |request| operators.list(request).await).await?;
    let lines: Vec<String> = all.iter().map(line).collect();
    Ok(Answer::new(lines.join("\n"), json!({"items": all.iter().map(view).collect::<Vec<_>>()})))
}

fn line(operator: &Record) -> String {
    let state = if operator.active { "active" } else { "inactive" };
    format!("{}  {}  {state}", operator.id, operator.email)
}

fn view(operator: &Record) -> Value {
    json!({
        "id": operator.id,
        "email": operator.email,
        "is_active": operator.active,
        "created_at": operator.created_at,
        "updated_at": operator.updated_at,
        "version": operator.version,
    })
}
