//! The permissions this domain declares.

use ouvira_common::permission::{Permission, SystemRole};

/// Everything about webhooks: who holds it decides where the tenant's events go.
pub const WEBHOOK_MANAGE: Permission = Permission {
    code: "webhook.manage",
    description: "Manage webhooks, their secrets and deliveries",
    held_by: &[SystemRole::Admin],
};

/// All of them.
pub const PERMISSIONS: &[Permission] = &[WEBHOOK_MANAGE];
