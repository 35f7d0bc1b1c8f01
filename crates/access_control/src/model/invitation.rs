//! Invitations and their life: pending, then accepted or revoked, or expired by itself.

use ouvira_common::{
    define_id,
    id::{CompanyId, RoleId, UserId},
    principal::Principal,
    text::Address,
    time::Timestamp,
};

define_id!(
    /// An invitation.
    InvitationId
);

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationStatus {
    /// It can be accepted.
    Pending,
    /// It was, once.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its time ran out.
    Expired,
}

impl InvitationStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Accepted, Self::Revoked, Self::Expired];

    /// The name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

/// Somebody was asked to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Id.
    pub id: InvitationId,
    /// The company to join; `None` for the tenant alone.
    pub company: Option<CompanyId>,
    /// Who may accept: the holder of this address.
    pub address: Address,
    /// The roles they are to get.
    pub roles: Vec<RoleId>,
    /// Words of the inviter.
    pub message: Option<String>,
    /// Where it stands.
    pub status: InvitationStatus,
    /// Who invites.
    pub invited_by: Principal,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// By whom.
    pub accepted_by: Option<UserId>,
    /// Raised by each change.
    pub version: i64,
}
