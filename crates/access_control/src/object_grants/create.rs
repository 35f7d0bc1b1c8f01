//! Giving a permission on one object.

use ouvira_common::{
    context::RequestContext,
    db::{DbError, Tx},
    id::CompanyId,
    problem::{FieldCode, FieldError},
};
use uuid::Uuid;

use super::activity;
use crate::{
    AccessControl, AccessError,
    grants::{giver, scope_of},
    model::{GrantHolder, ObjectGrant, ObjectGrantId, PermissionId},
    permission::ROLE_GRANT,
    store,
};

/// A permission to be given on one object.
#[derive(Debug, Clone)]
pub struct NewObjectGrant {
    /// To whom.
    pub holder: GrantHolder,
    /// Code of the permission.
    pub permission: String,
    /// Singular name of the object's kind: lower-case letters, digits and `_`, at most 60 characters.
    pub object_type: String,
    /// The object.
    pub object_id: Uuid,
}

fn parse_kind(kind: &str) -> Result<(), FieldError> {
    let fits = kind.len() <= 60
        && kind.starts_with(|first: char| first.is_ascii_lowercase())
        && kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if fits { Ok(()) } else { Err(FieldError::new("/object_type", FieldCode::InvalidFormat)) }
}

impl AccessControl {
    /// Gives a permission on one object to a user, or to whoever holds a role where the object belongs. Needs
    /// `role.grant` there, and the permission.
    pub async fn create_object_grant(
        &self,
        ctx: &RequestContext,
        new: &NewObjectGrant,
    ) -> Result<ObjectGrant, AccessError> {
        parse_kind(&new.object_type)?;
        self.db
            .write(ctx, async |tx| {
                let caller = self.caller(tx).await?;
                caller.require_anywhere(&ROLE_GRANT)?;
                let company = self.require_grant_on(tx, &caller, &new.object_type, new.object_id).await?;
                let permission = self.permission_named(tx, &new.permission).await?;
                if !caller.holds_ref(self.catalogue().reference_to(permission.0), scope_of(company)) {
                    return Err(AccessError::CannotGrant);
                }
                self.require_holder_of_grant(tx, new.holder, company).await?;
                match new.holder {
                    GrantHolder::User(user) => self.grants.rights.change_of(tx, user),
                    GrantHolder::Role(_) => self.grants.rights.change_of_all(tx).await?,
                }
                let grant = ObjectGrant {
                    id: ObjectGrantId::new_at(tx.now()),
                    holder: new.holder,
                    permission,
                    permission_code: new.permission.clone(),
                    object_type: new.object_type.clone(),
                    object_id: new.object_id,
                    granted_by: giver(tx),
                    created_at: tx.now(),
                };
                store::object_grants::insert(tx, self.catalogue(), &grant).await.map_err(given_already)?;
                self.record(tx, activity("object_grant.created", &grant, true));
                Ok(grant)
            })
            .await
    }

    async fn permission_named(&self, tx: &mut Tx, code: &str) -> Result<PermissionId, AccessError> {
        if let Some(system) = self.catalogue().by_code(code) {
            return Ok(PermissionId(system.id));
        }
        let found = store::permissions::by_codes(tx, &[code]).await?.pop();
        Ok(found.ok_or_else(|| AccessError::unknown("/permission"))?.1)
    }

    async fn require_holder_of_grant(
        &self,
        tx: &mut Tx,
        holder: GrantHolder,
        company: Option<CompanyId>,
    ) -> Result<(), AccessError> {
        match holder {
            GrantHolder::User(user) => self.require_user(tx, user, "/user_id").await,
            GrantHolder::Role(role) => {
                let known = self.grants.known_role(tx, role).await?.filter(|role| role.fits(company));
                if known.is_some() { Ok(()) } else { Err(AccessError::unknown("/role_id")) }
            }
        }
    }
}

/// That it was given before is told as such.
fn given_already(error: DbError) -> AccessError {
    if store::object_grants::ONCE.iter().any(|index| error.violates_unique(index)) {
        AccessError::AlreadyGranted
    } else {
        error.into()
    }
}
