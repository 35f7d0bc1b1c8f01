//! Creating a user, as an administrator does.

use ouvira_common::{
    context::RequestContext,
    id::RoleId,
    locale::Locale,
    permission::Scope,
    problem::{FieldCode, FieldError, FieldErrors},
    settings::TenantSettings,
    text::{Email, Phone},
    time::Timestamp,
};

use crate::{
    Users,
    error::UserError,
    event::{UserCreated, UserInvited},
    model::{AddressStanding, Contact, Name, User},
    permission,
    record::activity,
    store,
};

/// Somebody new, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewUser {
    /// E-mail address; a link to set a password is mailed there.
    pub email: String,
    /// Phone number.
    pub phone: Option<String>,
    /// First name, at most 100 characters.
    pub first_name: Option<String>,
    /// Last name, at most 100 characters.
    pub last_name: Option<String>,
    /// Language; the tenant's when `None`.
    pub locale: Option<Locale>,
    /// Roles to hold tenant-wide, at most 20; giving them needs `role.grant` and what they hold.
    pub role_ids: Vec<RoleId>,
}

/// Roles that can be given with a user.
const MAX_ROLES: usize = 20;

/// A [`NewUser`] that is valid.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Draft {
    email: Email,
    phone: Option<Phone>,
    first_name: Name,
    last_name: Name,
    locale: Option<Locale>,
}

impl Users {
    /// Creates a user, who may sign in once they have set a password by mail. Needs `user.create`.
    pub async fn create(&self, ctx: &RequestContext, new: NewUser) -> Result<User, UserError> {
        let roles = new.role_ids.clone();
        let draft = new.parse()?;
        self.db
            .write(ctx, async |tx| {
                self.rights.require(tx, &permission::CREATE, Scope::Tenant).await?;
                store::require_room(tx).await?;
                let user = draft.clone().into_user(tx.now(), tx.context().settings());
                store::insert(tx, &user).await?;
                tx.admit_user(user.id, true);
                if !roles.is_empty() {
                    self.roles.give_roles(tx, user.id, &roles).await?;
                }
                self.audit.record(tx, activity("user.created", None, Some(&user)));
                tx.publish(&UserCreated { user_id: user.id });
                tx.publish(&UserInvited { user_id: user.id });
                Ok(user)
            })
            .await
    }
}

impl NewUser {
    fn parse(self) -> Result<Draft, FieldErrors> {
        let mut errors = FieldErrors::default();
        let email = errors.check(Email::parse("/email", &self.email));
        let phone = errors.check(self.phone.map(|text| Phone::parse("/phone", &text)).transpose());
        let first_name = errors.check(Name::parse("/first_name", &self.first_name.unwrap_or_default()));
        let last_name = errors.check(Name::parse("/last_name", &self.last_name.unwrap_or_default()));
        if self.role_ids.len() > MAX_ROLES {
            let max = i64::try_from(MAX_ROLES).unwrap_or(i64::MAX);
            errors.push(FieldError::new("/role_ids", FieldCode::TooMany).with("max", max));
        }
        let draft = email.zip(phone).zip(first_name.zip(last_name));
        errors.into_result(draft.map(|((email, phone), (first_name, last_name))| Draft {
            email,
            phone,
            first_name,
            last_name,
            locale: self.locale,
        }))
    }
}

impl Draft {
    fn into_user(self, now: Timestamp, settings: &TenantSettings) -> User {
        User {
            email: Some(Contact::new(self.email, AddressStanding::OnRecord)),
            phone: self.phone.map(|phone| Contact::new(phone, AddressStanding::OnRecord)),
            first_name: self.first_name,
            last_name: self.last_name,
            locale: self.locale.unwrap_or(settings.locale),
            ..User::new_at(now, settings)
        }
    }
}
