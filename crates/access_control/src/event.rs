//! The events this domain publishes. They carry ids, and no personal data.

use ouvira_common::{
    id::{CompanyId, RoleId, UserId},
    outbox::PublishedEvent,
    published_event,
};

use crate::model::{InvitationId, MembershipId};

/// Those that webhooks may hear of. Whoever founds a company is its first member and owner: `company.created.v1` says it all.
pub const EVENTS: &[PublishedEvent] = &[
    RoleGranted::PUBLISHED,
    RoleRevoked::PUBLISHED,
    MembershipCreated::PUBLISHED,
    MembershipUpdated::PUBLISHED,
    MembershipDeleted::PUBLISHED,
    InvitationSent::PUBLISHED,
    InvitationRevoked::PUBLISHED,
    InvitationAccepted::PUBLISHED,
];

published_event!(
    /// A user was given a role.
    RoleGranted = "role.granted.v1" {
        /// Who holds it now.
        user_id: UserId,
        /// Which role.
        role_id: RoleId,
        /// In which company; in the whole tenant when none.
        company_id: Option<CompanyId>,
    }
);
published_event!(
    /// A user holds a role no longer: it was taken, they left, or its time had come.
    RoleRevoked = "role.revoked.v1" {
        /// Who held it.
        user_id: UserId,
        /// Which role.
        role_id: RoleId,
        /// In which company; in the whole tenant when none.
        company_id: Option<CompanyId>,
    }
);
published_event!(
    /// A user became a member of a company.
    MembershipCreated = "user_company.created.v1" {
        /// The membership.
        user_company_id: MembershipId,
        /// Whose.
        user_id: UserId,
        /// Where.
        company_id: CompanyId,
    }
);
published_event!(
    /// A membership was suspended or resumed, or its title changed.
    MembershipUpdated = "user_company.updated.v1" {
        /// The membership.
        user_company_id: MembershipId,
        /// Whose.
        user_id: UserId,
        /// Where.
        company_id: CompanyId,
    }
);
published_event!(
    /// A user is a member of a company no longer.
    MembershipDeleted = "user_company.deleted.v1" {
        /// The membership.
        user_company_id: MembershipId,
        /// Whose.
        user_id: UserId,
        /// Where.
        company_id: CompanyId,
    }
);
published_event!(
    /// Somebody was invited, or sent their invitation again.
    InvitationSent = "invitation.sent.v1" {
        /// The invitation.
        invitation_id: InvitationId,
        /// To which company; to the tenant alone when none.
        company_id: Option<CompanyId>,
    }
);
published_event!(
    /// An invitation was taken back before anybody accepted it.
    InvitationRevoked = "invitation.revoked.v1" {
        /// The invitation.
        invitation_id: InvitationId,
        /// To which company; to the tenant alone when none.
        company_id: Option<CompanyId>,
    }
);
published_event!(
    /// An invitation was accepted.
    InvitationAccepted = "invitation.accepted.v1" {
        /// The invitation.
        invitation_id: InvitationId,
        /// To which company; to the tenant alone when none.
        company_id: Option<CompanyId>,
        /// Who accepted it.
        user_id: UserId,
    }
);
