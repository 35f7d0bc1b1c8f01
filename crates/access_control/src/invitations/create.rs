//! Inviting somebody.

use ouvira_common::{
    context::RequestContext,
    db::{Quota, Tx},
    id::{CompanyId, RoleId},
    problem::FieldErrors,
    text::{Address, Email},
};

use super::{LIFETIME, activity, inviter, parse_message, parse_roles, token::Token};
use crate::{
    AccessControl, AccessError,
    decision::Caller,
    model::{Invitation, InvitationId, InvitationStatus},
    permission::INVITATION_MANAGE,
    roles::RoleWord,
    store,
};

/// An invitation to be sent.
#[derive(Debug, Clone, Default)]
pub struct NewInvitation {
    /// The company to join; `None` for the tenant alone.
    pub company: Option<CompanyId>,
    /// E-mail address; this or the phone.
    pub email: Option<String>,
    /// International phone number.
    pub phone: Option<String>,
    /// The roles they are to get; at most 20.
    pub roles: Vec<RoleId>,
    /// Words for them; at most 1000 characters.
    pub message: Option<String>,
}

/// What is valid of it.
struct Parsed {
    company: Option<CompanyId>,
    address: Address,
    roles: Vec<RoleId>,
    message: Option<String>,
}

impl NewInvitation {
    fn parse(&self) -> Result<Parsed, FieldErrors> {
        let mut fields = FieldErrors::default();
        let address = fields.check(Address::one_of(self.email.as_deref(), self.phone.as_deref()));
        let roles = fields.check(parse_roles(&self.roles));
        let message = fields.check(parse_message(self.message.as_deref()));
        let company = self.company;
        let parsed = address.zip(roles).zip(message);
        fields.into_result(parsed.map(|((address, roles), message)| Parsed {
            company,
            address,
            roles,
            message,
        }))
    }
}

impl AccessControl {
    /// Invites somebody. Needs `invitation.manage` where they are invited to and, with roles, `role.grant` and everything
    /// that the roles give there.
    pub async fn create_invitation(
        &self,
        ctx: &RequestContext,
        new: &NewInvitation,
    ) -> Result<Invitation, AccessError> {
        let parsed = new.parse()?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_in(tx, &caller, &INVITATION_MANAGE, parsed.company, "/company_id").await?;
                self.invite(tx, &caller, &parsed, |place| format!("/role_ids/{place}")).await
            })
            .await
    }

    /// Invites somebody to the tenant by mail, with the role that is called `word` or none.
    pub async fn invite_by_email(
        &self,
        ctx: &RequestContext,
        email: &str,
        word: Option<&RoleWord>,
    ) -> Result<Invitation, AccessError> {
        let address = Address::Email(Email::parse("/email", email)?);
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                self.require_in(tx, &caller, &INVITATION_MANAGE, None, "").await?;
                let roles = match word {
                    None => Vec::new(),
                    Some(word) => vec![self.role_called(tx, word, None, "/role").await?],
                };
                let parsed = Parsed { company: None, address: address.clone(), roles, message: None };
                self.invite(tx, &caller, &parsed, |_| "/role".to_owned()).await
            })
            .await
    }

    async fn invite(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        parsed: &Parsed,
        pointer: impl Fn(usize) -> String,
    ) -> Result<Invitation, AccessError> {
        self.require_grantable(tx, caller, &parsed.roles, parsed.company, pointer).await?;
        if let Some(quota) = tx.hold_quota(Quota::PendingInvitations).await? {
            quota.admit(store::invitations::count_pending(tx, quota.limit()).await?)?;
        }
        let token = Token::new(&*self.entropy);
        let invitation = Invitation {
            id: InvitationId::new_at(tx.now()),
            company: parsed.company,
            address: parsed.address.clone(),
            roles: parsed.roles.clone(),
            message: parsed.message.clone(),
            status: InvitationStatus::Pending,
            invited_by: inviter(tx),
            expires_at: tx.now() + LIFETIME,
            created_at: tx.now(),
            accepted_at: None,
            accepted_by: None,
            version: 1,
        };
        let hash = token.hash(&tx.context().tenant().data_key);
        store::invitations::defer_insert(tx, &invitation, hash);
        self.record(tx, activity("invitation.created", None, Some(&invitation)));
        self.send(tx, &invitation, &token).await?;
        Ok(invitation)
    }
}
