//! Accepting an invitation: signed in, or with a new account.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    id::UserId,
    ports::{IssuedTokens, NewPerson, Person, UserDirectoryError},
    problem::FieldErrors,
    secret::Secret,
    settings::SignupPolicy,
    text::{self, Address, Phone},
};

use super::token;
use crate::{
    AccessControl, AccessError,
    model::{Invitation, InvitationStatus, Membership, NAME},
    store,
};

/// What somebody became by accepting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedInvitation {
    /// Their membership; `None` for an invitation to the tenant alone.
    pub membership: Option<Membership>,
}

/// Somebody new, who accepts.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// From the invitation.
    pub token: Secret,
    /// The password they choose.
    pub password: Secret,
    /// First name; at most 100 characters.
    pub first_name: Option<String>,
    /// Last name; at most 100 characters.
    pub last_name: Option<String>,
    /// International phone number: a claim until it is verified, unless the invitation came by SMS.
    pub phone: Option<String>,
}

/// Somebody new, signed in.
#[derive(Debug, Clone)]
pub struct AcceptedByNewUser {
    /// Who they are.
    pub person: Person,
    /// The tokens of their first session.
    pub tokens: IssuedTokens,
    /// Their membership; `None` for an invitation to the tenant alone.
    pub membership: Option<Membership>,
}

/// The parts of a new account that are valid.
struct Parsed {
    first_name: String,
    last_name: String,
    phone: Option<Phone>,
}

impl NewAccount {
    fn parse(&self) -> Result<Parsed, FieldErrors> {
        let mut fields = FieldErrors::default();
        let name =
            |pointer, name: &Option<String>| text::line(pointer, name.as_deref().unwrap_or_default(), NAME);
        let first_name = fields.check(name("/first_name", &self.first_name));
        let last_name = fields.check(name("/last_name", &self.last_name));
        let phone =
            fields.check(self.phone.as_deref().map(|phone| Phone::parse("/phone", phone)).transpose());
        let parsed = first_name.zip(last_name).zip(phone);
        fields.into_result(parsed.map(|((first_name, last_name), phone)| Parsed {
            first_name,
            last_name,
            phone,
        }))
    }
}

impl AccessControl {
    /// Accepts as the signed-in user, of whose account the invited address must be a verified one.
    pub async fn accept_invitation(
        &self,
        ctx: &RequestContext,
        token: &Secret,
    ) -> Result<AcceptedInvitation, AccessError> {
        let user = ctx.user_id().ok_or(AccessError::NotAUser)?;
        let hash = token::hash(&ctx.tenant().data_key, token.expose());
        self.db
            .write(ctx, async |tx| {
                let invitation = acceptable(store::invitations::lock_by_token(tx, &hash).await?)?;
                self.require_holder(tx, user, &invitation.address).await?;
                let inviter = self.inviter(tx, &invitation).await?;
                let membership = self.fulfil(tx, &invitation, &inviter, user).await?;
                Ok(AcceptedInvitation { membership })
            })
            .await
    }

    /// Accepts with a new account, which begins signed in. That the token came to the invited address verifies it. Where
    /// the address has an account already, its holder accepts signed in.
    pub async fn accept_invitation_as_new_user(
        &self,
        ctx: &RequestContext,
        account: &NewAccount,
    ) -> Result<AcceptedByNewUser, AccessError> {
        let parsed = account.parse()?;
        let hash = token::hash(&ctx.tenant().data_key, account.token.expose());
        // Looked at before the password is hashed: a wrong token must not cost that much.
        self.db
            .read(ctx, async |tx| {
                let found = store::invitations::find_by_token(tx, &hash).await?;
                self.require_open_to_new_user(tx, found).await
            })
            .await?;
        let password = self.credentials.hash(ctx, &account.password).await?;
        self.db
            .write(ctx, async |tx| {
                let found = store::invitations::lock_by_token(tx, &hash).await?;
                let invitation = self.require_open_to_new_user(tx, found).await?;
                let inviter = self.inviter(tx, &invitation).await?;
                let new = new_person(&invitation.address, &parsed, ctx)?;
                let person = self.grants.users.create(tx, new).await.map_err(|error| match error {
                    UserDirectoryError::AddressTaken(taken) if taken == invitation.address => {
                        AccessError::AccountExists
                    }
                    other => other.into(),
                })?;
                self.credentials.set(tx, person.id, &password).await?;
                let membership = self.fulfil(tx, &invitation, &inviter, person.id).await?;
                let tokens = self.sessions.start(tx, person.id, &["pwd"]).await?;
                Ok(AcceptedByNewUser { person, tokens, membership })
            })
            .await
    }

    /// The invitation that was found, if somebody without an account may accept it.
    async fn require_open_to_new_user(
        &self,
        tx: &mut Tx,
        found: Option<Invitation>,
    ) -> Result<Invitation, AccessError> {
        let invitation = acceptable(found)?;
        if tx.context().settings().signup == SignupPolicy::Closed {
            return Err(AccessError::SignupClosed);
        }
        match self.grants.users.find(tx, &invitation.address).await? {
            Some(_) => Err(AccessError::AccountExists),
            None => Ok(invitation),
        }
    }

    /// Fails unless `address` is a verified one of the user's account.
    async fn require_holder(&self, tx: &mut Tx, user: UserId, address: &Address) -> Result<(), AccessError> {
        let holder = self.grants.users.find(tx, address).await?;
        if holder.is_some_and(|holder| holder.id == user) {
            Ok(())
        } else {
            Err(AccessError::InvitationNotYours)
        }
    }
}

/// The invitation that was found for a token, unless it is not there or no longer to be accepted: one answer for both.
fn acceptable(found: Option<Invitation>) -> Result<Invitation, AccessError> {
    found.filter(|found| found.status == InvitationStatus::Pending).ok_or(AccessError::InvitationInvalid)
}

/// Who is to be made; an invitation by SMS has proven the phone, and then no other can be claimed with it.
fn new_person(invited: &Address, parsed: &Parsed, ctx: &RequestContext) -> Result<NewPerson, AccessError> {
    let claimed = match (invited, &parsed.phone) {
        (Address::Phone(invited), Some(phone)) if invited != phone => {
            return Err(AccessError::AddressMismatch);
        }
        (Address::Email(_), Some(phone)) => Some(Address::Phone(phone.clone())),
        (Address::Phone(_), _) | (Address::Email(_), None) => None,
    };
    Ok(NewPerson {
        verified: Some(invited.clone()),
        claimed,
        first_name: parsed.first_name.clone(),
        last_name: parsed.last_name.clone(),
        locale: Some(ctx.locale()),
    })
}
