//! Invitations on the wire.

use apistos::ApiComponent;
use ouvira_common::{
    http::{
        WireBody,
        cookies::{LoginAnswerView, SessionKind},
    },
    id::{CompanyId, RoleId},
    problem::{FieldCode, FieldError},
    secret::Secret,
    text::Address,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::UserCompanyView;
use crate::{
    AcceptedInvitation, AccessError, InvitationEdit, InvitationFilter, NewAccount, NewInvitation,
    model::{Invitation, InvitationStatus},
};

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "InvitationStatus")]
pub(in crate::http) enum StatusView {
    /// It can be accepted.
    Pending,
    /// It was, once.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its time ran out.
    Expired,
}

impl From<InvitationStatus> for StatusView {
    fn from(status: InvitationStatus) -> Self {
        match status {
            InvitationStatus::Pending => Self::Pending,
            InvitationStatus::Accepted => Self::Accepted,
            InvitationStatus::Revoked => Self::Revoked,
            InvitationStatus::Expired => Self::Expired,
        }
    }
}

impl From<StatusView> for InvitationStatus {
    fn from(status: StatusView) -> Self {
        match status {
            StatusView::Pending => Self::Pending,
            StatusView::Accepted => Self::Accepted,
            StatusView::Revoked => Self::Revoked,
            StatusView::Expired => Self::Expired,
        }
    }
}

/// Somebody was asked to join.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "Invitation")]
pub(in crate::http) struct InvitationView {
    id: Uuid,
    /// The company to join; null for the tenant alone.
    company_id: Option<CompanyId>,
    /// Where it was sent: this, or the phone.
    email: Option<String>,
    phone: Option<String>,
    /// The roles they are to get.
    role_ids: Vec<RoleId>,
    /// Words of the inviter.
    message: Option<String>,
    status: StatusView,
    /// Who invites.
    invited_by: Uuid,
    /// Until when it can be accepted.
    expires_at: Timestamp,
    created_at: Timestamp,
    accepted_at: Option<Timestamp>,
    /// For `If-Match`.
    version: i64,
}

impl From<Invitation> for InvitationView {
    fn from(invitation: Invitation) -> Self {
        let (email, phone) = match invitation.address {
            Address::Email(email) => (Some(email.as_str().to_owned()), None),
            Address::Phone(phone) => (None, Some(phone.as_str().to_owned())),
        };
        Self {
            id: invitation.id.0,
            company_id: invitation.company,
            email,
            phone,
            role_ids: invitation.roles,
            message: invitation.message,
            status: invitation.status.into(),
            invited_by: invitation.invited_by.id,
            expires_at: invitation.expires_at,
            created_at: invitation.created_at,
            accepted_at: invitation.accepted_at,
            version: invitation.version,
        }
    }
}

/// An invitation to be sent.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct CreateInvitation {
    /// The company to join; the tenant alone unless given.
    company_id: Option<CompanyId>,
    /// E-mail address; this or the phone.
    email: Option<String>,
    /// International phone number; this or the e-mail address.
    phone: Option<String>,
    /// The roles they are to get, at most 20; none unless given.
    role_ids: Option<Vec<RoleId>>,
    /// Words for them; at most 1000 characters.
    message: Option<String>,
}

impl WireBody for CreateInvitation {
    const READ_ONLY: &'static [&'static str] =
        &["id", "status", "invited_by", "expires_at", "created_at", "accepted_at", "version"];
}

impl From<CreateInvitation> for NewInvitation {
    fn from(body: CreateInvitation) -> Self {
        Self {
            company: body.company_id,
            email: body.email,
            phone: body.phone,
            roles: body.role_ids.unwrap_or_default(),
            message: body.message,
        }
    }
}

/// A pending invitation in place of the present one.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema, ApiComponent)]
#[serde(default)]
pub(in crate::http) struct ReplaceInvitation {
    /// The roles they are to get, at most 20; none unless given.
    role_ids: Option<Vec<RoleId>>,
    /// Words for them; at most 1000 characters.
    message: Option<String>,
    /// Until when it can be accepted, at most 30 days from now; seven days from now unless given.
    expires_at: Option<Timestamp>,
}

impl WireBody for ReplaceInvitation {
    const READ_ONLY: &'static [&'static str] = &[
        "id",
        "company_id",
        "email",
        "phone",
        "status",
        "invited_by",
        "created_at",
        "accepted_at",
        "version",
    ];
}

impl From<ReplaceInvitation> for InvitationEdit {
    fn from(body: ReplaceInvitation) -> Self {
        Self { roles: body.role_ids.unwrap_or_default(), message: body.message, expires_at: body.expires_at }
    }
}

/// Which invitations; all that is given must hold.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(in crate::http) struct InvitationFilters {
    /// To this company.
    company_id: Option<CompanyId>,
    /// That stand so.
    status: Option<StatusView>,
}

impl From<InvitationFilters> for InvitationFilter {
    fn from(filters: InvitationFilters) -> Self {
        Self { company: filters.company_id, status: filters.status.map(InvitationStatus::from) }
    }
}

/// An invitation to the tenant, by mail.
#[derive(Debug, Serialize, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct InviteByEmail {
    pub(in crate::http) email: String,
    /// The code or name of the role they are to get, in any case, such as `ADMIN`; none unless given.
    pub(in crate::http) role: Option<String>,
}

impl WireBody for InviteByEmail {}

/// The token of an invitation; from somebody without an account also what a new one needs.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct AcceptInvitation {
    /// From the invitation.
    #[schemars(with = "String")]
    pub(in crate::http) token: Secret,
    /// 8 to 128 characters; needed for a new account.
    #[schemars(with = "Option<String>")]
    password: Option<Secret>,
    /// At most 100 characters.
    first_name: Option<String>,
    /// At most 100 characters.
    last_name: Option<String>,
    /// International phone number.
    phone: Option<String>,
    /// Where the tokens of a new account go.
    #[serde(default)]
    pub(in crate::http) session: SessionKind,
}

impl WireBody for AcceptInvitation {}

impl TryFrom<AcceptInvitation> for NewAccount {
    type Error = AccessError;

    fn try_from(body: AcceptInvitation) -> Result<Self, AccessError> {
        let AcceptInvitation { token, password, first_name, last_name, phone, session: _ } = body;
        let password = password.ok_or_else(|| FieldError::new("/password", FieldCode::Required))?;
        Ok(Self { token, password, first_name, last_name, phone })
    }
}

/// The token of an invitation and what a new account needs.
#[derive(Debug, Deserialize, JsonSchema, ApiComponent)]
pub(in crate::http) struct AcceptInvite {
    /// From the invitation.
    #[schemars(with = "String")]
    token: Secret,
    /// 8 to 128 characters.
    #[schemars(with = "String")]
    password: Secret,
    /// At most 100 characters.
    first_name: Option<String>,
    /// At most 100 characters.
    last_name: Option<String>,
    /// International phone number.
    phone: Option<String>,
    /// Where the tokens go.
    #[serde(default)]
    pub(in crate::http) session: SessionKind,
}

impl WireBody for AcceptInvite {}

impl From<AcceptInvite> for NewAccount {
    fn from(body: AcceptInvite) -> Self {
        let AcceptInvite { token, password, first_name, last_name, phone, session: _ } = body;
        Self { token, password, first_name, last_name, phone }
    }
}

/// What came of accepting: a membership for somebody signed in, a sign-in for somebody new.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[serde(untagged)]
#[schemars(rename = "AcceptedInvitation")]
pub(in crate::http) enum AcceptedView {
    /// Somebody who was signed in.
    Member {
        /// Their membership; null for an invitation to the tenant alone.
        membership: Option<UserCompanyView>,
    },
    /// Somebody new.
    SignedIn(LoginAnswerView),
}

impl From<AcceptedInvitation> for AcceptedView {
    fn from(accepted: AcceptedInvitation) -> Self {
        Self::Member { membership: accepted.membership.map(UserCompanyView::from) }
    }
}
