//! Giving a role. Whether the caller may is decided before.

use ouvira_common::{
    db::{DbError, Tx},
    id::UserId,
    ports::{Activity, Changes, Notice, Outcome, SecurityEvent},
    time::Timestamp,
};
use serde_json::json;
use uuid::Uuid;

use super::{Grants, Holding, KnownRole, Place};
use crate::{
    AccessError,
    event::{RoleGranted, RoleRevoked},
    model::{MembershipRole, UserRole, UserRoleId},
    store,
};

/// A role to be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gift<'a> {
    pub(crate) user: UserId,
    pub(crate) place: Place,
    pub(crate) role: &'a KnownRole,
    pub(crate) expires_at: Option<Timestamp>,
    /// Who gives it; `None` for the system.
    pub(crate) by: Option<Uuid>,
}

impl Grants {
    /// Gives it, and tells the logs and the user. `role_pointer` is where the request names the role: it may be gone by
    /// the time it is given.
    pub(crate) async fn give(
        &self,
        tx: &mut Tx,
        gift: Gift<'_>,
        role_pointer: &str,
    ) -> Result<UserRole, AccessError> {
        let given = UserRole {
            id: UserRoleId::new_at(tx.now()),
            user: gift.user,
            role: gift.role.name.clone(),
            company: gift.place.company(),
            granted_by: gift.by,
            expires_at: gift.expires_at,
            created_at: tx.now(),
        };
        self.rights.change_of(tx, gift.user);
        let new = self.write(tx, &gift, &given).await.map_err(|error| match error {
            DbError::ForeignKey(key) if store::user_roles::HELD.contains(&key.as_str()) => {
                AccessError::unknown(role_pointer)
            }
            other => other.into(),
        })?;
        if !new {
            return Err(AccessError::AlreadyGranted);
        }
        let holding = Holding { user: given.user, role: &given.role, company: given.company };
        self.tell(tx, "role.granted", holding, given.expires_at);
        Ok(given)
    }

    async fn write(&self, tx: &mut Tx, gift: &Gift<'_>, given: &UserRole) -> Result<bool, DbError> {
        let catalogue = self.rights.catalogue();
        match gift.place {
            Place::Tenant => store::user_roles::give_tenant_wide(tx, catalogue, given).await,
            Place::Company { company, membership } => {
                let given = MembershipRole {
                    id: given.id,
                    membership,
                    role: given.role.id,
                    granted_by: given.granted_by,
                    expires_at: given.expires_at,
                    created_at: given.created_at,
                };
                store::user_roles::give(tx, catalogue, company, &given).await
            }
        }
    }

    /// Writes into both logs that a role was given or taken, publishes it, and tells the user unless they did it themselves.
    pub(crate) fn tell(&self, tx: &mut Tx, what: &'static str, of: Holding<'_>, until: Option<Timestamp>) {
        let given = what == "role.granted";
        let side = |given: bool, user: UserId| if given { (None, Some(user)) } else { (Some(user), None) };
        let (from, to) = side(given, of.user);
        let changes = Changes::new().public("user_id", from, to).public("expires_at", None, until);
        let activity = Activity::new(what, "role", of.role.id.0).label(&of.role.name).company(of.company);
        self.audit.record(tx, activity.changes(changes));
        let details = json!({ "role_id": of.role.id, "role": of.role.code, "company_id": of.company });
        let event = SecurityEvent { event: what, outcome: Outcome::Success, user: Some(of.user), details };
        self.audit.security(tx, event);
        let (user_id, role_id, company_id) = (of.user, of.role.id, of.company);
        if given {
            tx.publish(&RoleGranted { user_id, role_id, company_id });
        } else {
            tx.publish(&RoleRevoked { user_id, role_id, company_id });
        }
        if tx.context().user_id() != Some(of.user) {
            let role = json!({ "id": of.role.id, "code": of.role.code, "name": of.role.name });
            let data = json!({ "role": role, "company_id": of.company });
            self.notifier.notify(tx, Notice { user: of.user, kind: what, data });
        }
    }
}

/// The caller as the giver of a role; nobody where it is the system itself.
pub(crate) fn giver(tx: &Tx) -> Option<Uuid> {
    Some(tx.context().principal().id).filter(|id| !id.is_nil())
}
