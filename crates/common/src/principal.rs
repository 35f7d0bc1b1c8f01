//! Who does a thing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{OperatorId, UserId};

/// The kinds of principal; their names are in tokens, grants and logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person inside the tenant.
    User,
    /// A program inside the tenant.
    ServiceAccount,
    /// A person who runs the platform, acting in the tenant by a grant.
    Operator,
    /// The platform itself: jobs, provisioning.
    System,
}

impl PrincipalKind {
    /// The name used in tokens and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ServiceAccount => "service_account",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

/// The actor of a request or a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// What kind of actor.
    pub kind: PrincipalKind,
    /// Its id among its kind; nil for the system.
    pub id: Uuid,
}

impl Principal {
    /// The platform itself, and whoever has not signed in yet.
    pub const SYSTEM: Self = Self { kind: PrincipalKind::System, id: Uuid::nil() };

    /// A person inside the tenant.
    pub const fn user(id: UserId) -> Self {
        Self { kind: PrincipalKind::User, id: id.0 }
    }

    /// A person who runs the platform.
    pub const fn operator(id: OperatorId) -> Self {
        Self { kind: PrincipalKind::Operator, id: id.0 }
    }

    /// The user's id when the actor is a user.
    pub const fn user_id(&self) -> Option<UserId> {
        match self.kind {
            PrincipalKind::User => Some(UserId(self.id)),
            _ => None,
        }
    }
}
