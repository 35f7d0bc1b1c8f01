//! `ouvira tenant`.

use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};
use ouvira_common::{secret::Secret, tenant::PlacementMode};
use ouvira_tenancy::{NewAdministrator, NewTenant, PlatformContext, TenantRecord, Tenants, state_name};
use serde_json::{Value, json};

use super::{Answer, CommandError, every_page::every_page};
use crate::{config::Config, delivery::NoCaptcha, node::Node, platform::Platform};

/// Tenants.
#[derive(Debug, Subcommand)]
pub(super) enum Tenant {
    /// Make a tenant: its tables, its walls, its first administrator.
    Create(Create),
    /// List all tenants.
    List,
    /// Show one.
    Show(Which),
    /// Switch one off, at once and on every node.
    Suspend(Which),
    /// Put one back into service that was suspended, or deleted within seven days.
    Resume(Which),
    /// Take one out of service; everything of it goes after seven days, unless it is resumed.
    Delete(Which),
    /// Erase one that was deleted, before the seven days are over. It cannot be undone.
    Purge(Which),
}

/// Which tenant.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// Its slug.
    #[arg(long)]
    slug: String,
}

/// What a new tenant is.
#[derive(Debug, Args)]
pub(super) struct Create {
    /// The name in X-Tenant and in host names; it stays.
    #[arg(long)]
    slug: String,
    /// The name people read.
    #[arg(long)]
    name: String,
    /// Where its tables live.
    #[arg(long, value_enum, default_value = "shared")]
    placement: Mode,
    /// E-mail address of the first user, who owns the tenant.
    #[arg(long)]
    admin_email: Option<String>,
    /// Their password; without one they set it by mail.
    #[arg(long, requires = "admin_email", env = "OUVIRA_ADMIN_PASSWORD", hide_env_values = true)]
    admin_password: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Mode {
    /// Common tables, row-level security.
    Shared,
    /// A Postgres schema of its own.
    Schema,
    /// A Postgres database of its own.
    Database,
}

impl From<Mode> for PlacementMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Shared => Self::Shared,
            Mode::Schema => Self::Schema,
            Mode::Database => Self::Database,
        }
    }
}

impl Tenant {
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        super::block_on(async {
            super::require_migrated(&platform).await?;
            let node = Node::new(config, &platform, Arc::new(NoCaptcha));
            let ctx = PlatformContext::system(node.clock.now());
            let tenants = node.services(2).tenants;
            let named = async |which: Which| tenants.find_by_slug(&which.slug).await;
            match self {
                Self::Create(create) => create.run(&tenants, &ctx).await,
                Self::List => list(&tenants).await,
                Self::Show(which) => Ok(shown(&named(which).await?)),
                Self::Suspend(which) => Ok(shown(&tenants.suspend(&ctx, named(which).await?.id).await?)),
                Self::Resume(which) => Ok(shown(&tenants.resume(&ctx, named(which).await?.id).await?)),
                Self::Delete(which) => Ok(shown(&tenants.delete(&ctx, named(which).await?.id, None).await?)),
                Self::Purge(which) => {
                    let tenant = named(which).await?;
                    tenants.purge(&ctx, tenant.id).await?;
                    Ok(Answer::new(format!("Erased {}", line(&tenant)), json!({"erased": tenant.id})))
                }
            }
        })?
    }
}

impl Create {
    async fn run(self, tenants: &Tenants, ctx: &PlatformContext) -> Result<Answer, CommandError> {
        let admin = self.admin_email.map(|email| NewAdministrator {
            email,
            first_name: None,
            last_name: None,
            password: self.admin_password.map(Secret::new),
        });
        let new = NewTenant { slug: self.slug, name: self.name, mode: self.placement.into(), admin };
        let made = tenants.create(ctx, new).await?;
        let mut machines = view(&made.tenant);
        machines["admin_user_id"] = json!(made.admin_user_id);
        Ok(Answer::new(format!("Made {}", line(&made.tenant)), machines))
    }
}

async fn list(tenants: &Tenants) -> Result<Answer, CommandError> {
    let all = every_page(async |request| tenants.list(request).await).await?;
    let lines: Vec<String> = all.iter().map(line).collect();
    Ok(Answer::new(lines.join("\n"), json!({"items": all.iter().map(view).collect::<Vec<_>>()})))
}

fn shown(tenant: &TenantRecord) -> Answer {
    Answer::new(line(tenant), view(tenant))
}

fn line(tenant: &TenantRecord) -> String {
    format!(
        "{}  {}  {}  {}  {}",
        tenant.id,
        tenant.slug,
        tenant.placement.mode.as_str(),
        state_name(tenant.state),
        tenant.name
    )
}

/// The Tenant of the API, as far as the catalog knows it.
fn view(tenant: &TenantRecord) -> Value {
    json!({
        "id": tenant.id,
        "slug": tenant.slug.as_str(),
        "name": tenant.name,
        "status": state_name(tenant.state),
        "placement": {"mode": tenant.placement.mode.as_str()},
        "domains": tenant.domains,
        "created_at": tenant.created_at,
        "updated_at": tenant.updated_at,
        "version": tenant.version,
    })
}
