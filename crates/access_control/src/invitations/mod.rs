//! Invitations: somebody is asked by mail or SMS to join a company, or the tenant, and accepts with the token in it.

mod accept;
mod create;
mod delete;
mod fulfil;
mod list;
mod read;
mod resend;
mod revoke;
mod token;
mod update;

pub use accept::{AcceptedByNewUser, AcceptedInvitation, NewAccount};
pub use create::NewInvitation;
pub use list::InvitationFilter;
pub use update::InvitationEdit;

use std::collections::HashSet;

use chrono::Duration;
use ouvira_common::{
    db::Tx,
    id::{CompanyId, RoleId},
    messages::Message,
    ports::{Activity, Changes},
    principal::Principal,
    problem::{FieldCode, FieldError},
    text::Address,
};

use crate::{
    AccessControl, AccessError,
    decision::Caller,
    event::InvitationSent,
    grants::scope_of,
    model::{Invitation, InvitationId},
    permission::{INVITATION_MANAGE, INVITATION_READ},
    store,
};
use token::Token;

/// How long an invitation can be accepted.
pub(crate) const LIFETIME: Duration = Duration::days(7);
/// Most roles of one invitation.
const ROLES: usize = 20;
/// Longest message, in characters.
const MESSAGE: usize = 1000;

/// Words of the inviter: line breaks are fine, other control characters are not; nothing but white space is nothing.
fn parse_message(message: Option<&str>) -> Result<Option<String>, FieldError> {
    let Some(message) = message.map(str::trim).filter(|message| !message.is_empty()) else { return Ok(None) };
    if message.chars().any(|c| c.is_control() && c != '\n') {
        return Err(FieldError::new("/message", FieldCode::ControlCharacters));
    }
    if message.chars().count() > MESSAGE {
        let long = FieldError::new("/message", FieldCode::TooLong);
        return Err(long.with("max", i64::try_from(MESSAGE).unwrap_or(i64::MAX)));
    }
    Ok(Some(message.to_owned()))
}

/// The roles of an invitation, each once, and not too many.
fn parse_roles(roles: &[RoleId]) -> Result<Vec<RoleId>, FieldError> {
    if roles.len() > ROLES {
        let many = FieldError::new("/role_ids", FieldCode::TooMany);
        return Err(many.with("max", i64::try_from(ROLES).unwrap_or(i64::MAX)));
    }
    let mut met = HashSet::new();
    Ok(roles.iter().copied().filter(|role| met.insert(*role)).collect())
}

impl AccessControl {
    /// Fails unless all of `roles` can be given there, and by the caller.
    async fn require_grantable(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        roles: &[RoleId],
        company: Option<CompanyId>,
        pointer: impl Fn(usize) -> String,
    ) -> Result<(), AccessError> {
        let known = self.grants.known_roles(tx, roles).await?;
        for (place, id) in roles.iter().enumerate() {
            let role = known.get(id).filter(|role| role.fits(company));
            let role = role.ok_or_else(|| AccessError::unknown(pointer(place)))?;
            role.require_grantable(caller, scope_of(company))?;
        }
        Ok(())
    }

    /// The invitation of that id, if the caller may see it; refused if they may not change it. Locked.
    async fn manageable_invitation(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        id: InvitationId,
    ) -> Result<Invitation, AccessError> {
        let invitation = store::invitations::lock(tx, id).await?.ok_or(AccessError::NotFound)?;
        caller.require_on(&INVITATION_MANAGE, &INVITATION_READ, scope_of(invitation.company))?;
        Ok(invitation)
    }

    /// Sends the invitation with its token, and publishes that; in the tenant's language, since the reader's is not known.
    async fn send(&self, tx: &mut Tx, invitation: &Invitation, token: &Token) -> Result<(), AccessError> {
        let inviter = match invitation.invited_by.user_id() {
            Some(user) => {
                self.grants.users.get(tx, &[user]).await?.remove(&user).map(|person| person.label())
            }
            None => None,
        };
        let tenant = tx.context().tenant();
        let message = Message::new(invitation.address.clone(), tenant.settings.locale, "invitation")
            .with("token", token.as_str())
            .with("tenant", tenant.name.clone())
            .with("company_id", invitation.company.map(|company| company.to_string()))
            .with("inviter", inviter)
            .with("message", invitation.message.clone())
            .with("expires_at", invitation.expires_at.to_rfc3339());
        tx.send_message(&*self.entropy, message);
        tx.publish(&InvitationSent { invitation_id: invitation.id, company_id: invitation.company });
        Ok(())
    }
}

/// Who invites: the caller.
fn inviter(tx: &Tx) -> Principal {
    tx.context().principal()
}

/// What is logged of an invitation's change. The address is about a person.
pub(crate) fn activity(
    action: &'static str,
    before: Option<&Invitation>,
    after: Option<&Invitation>,
) -> Activity {
    let now = after.or(before).expect("something changed");
    let address = |invitation: &Invitation| match &invitation.address {
        Address::Email(email) => email.as_str().to_owned(),
        Address::Phone(phone) => phone.as_str().to_owned(),
    };
    let changes = Changes::new()
        .personal("address", before.map(address), after.map(address))
        .public("role_ids", before.map(|i| &i.roles), after.map(|i| &i.roles))
        .public("status", before.map(|i| i.status.as_str()), after.map(|i| i.status.as_str()))
        .public("expires_at", before.map(|i| i.expires_at), after.map(|i| i.expires_at));
    Activity::new(action, "invitation", now.id.0).company(now.company).changes(changes)
}
