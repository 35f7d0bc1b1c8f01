//! Users with the roles they hold, put together from what two domains know.

use std::{collections::HashMap, sync::Arc};

use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    id::UserId,
    page::{Page, PageRequest},
    ports::Memberships,
};
use ouvira_identity::{ListUsers, NewUser, User, UserError, Users};

/// Somebody with what they hold.
pub(crate) struct PersonWithRoles {
    /// The user.
    pub(crate) user: User,
    /// Names of the roles held anywhere in the tenant, in order and each once.
    pub(crate) roles: Vec<String>,
}

/// The tenant's users and their roles.
pub(crate) struct People {
    /// The way to the database.
    pub(crate) db: Db,
    /// The users.
    pub(crate) users: Users,
    /// Who holds what.
    pub(crate) memberships: Arc<dyn Memberships>,
}

impl People {
    /// A page of users with their roles: two statements, whatever the size of the page. Needs `user.read`.
    pub(crate) async fn list(
        &self,
        ctx: &RequestContext,
        list: ListUsers,
        page: &PageRequest,
    ) -> Result<Page<PersonWithRoles>, UserError> {
        let page = self.users.list(ctx, list, page).await?;
        let ids: Vec<UserId> = page.items.iter().map(|user| user.id).collect();
        let mut roles = self.roles(ctx, &ids).await?;
        Ok(page.map(|user| PersonWithRoles { roles: roles.remove(&user.id).unwrap_or_default(), user }))
    }

    /// Creates a user, with the roles that were asked for. Needs `user.create`, and what giving those roles needs.
    pub(crate) async fn create(
        &self,
        ctx: &RequestContext,
        new: NewUser,
    ) -> Result<PersonWithRoles, UserError> {
        let user = self.users.create(ctx, new).await?;
        let mut roles = self.roles(ctx, &[user.id]).await?;
        Ok(PersonWithRoles { roles: roles.remove(&user.id).unwrap_or_default(), user })
    }

    async fn roles(
        &self,
        ctx: &RequestContext,
        users: &[UserId],
    ) -> Result<HashMap<UserId, Vec<String>>, DbError> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        self.db.read(ctx, async |tx| self.memberships.role_names(tx, users).await).await
    }
}
