//! Who one is, put together from what four domains know.

use std::sync::Arc;

use ouvira_common::{
    context::RequestContext,
    db::{Db, DbError},
    ports::{CompanyStanding, Memberships, Person, UserDirectory},
};
use ouvira_company::{Companies, model::Company};

/// Somebody as they are in their tenant.
pub(crate) struct Myself {
    /// The user.
    pub(crate) person: Person,
    /// Codes of the roles held tenant-wide.
    pub(crate) roles: Vec<String>,
    /// Codes of the permissions held tenant-wide.
    pub(crate) permissions: Vec<String>,
    /// Where they belong, and what they are there.
    pub(crate) companies: Vec<(Company, CompanyStanding)>,
}

/// Answers who one is.
pub(crate) struct Me {
    /// The way to the database.
    pub(crate) db: Db,
    /// Who is who.
    pub(crate) people: Arc<dyn UserDirectory>,
    /// Who belongs where.
    pub(crate) memberships: Arc<dyn Memberships>,
    /// The companies.
    pub(crate) companies: Companies,
}

impl Me {
    /// Whether the caller's session is live: the gate says so, and nothing else is asked.
    pub(crate) async fn test_session(&self, ctx: &RequestContext) -> Result<(), DbError> {
        self.db.read(ctx, async |_| Ok(())).await
    }

    /// The caller; `None` when they are no user.
    pub(crate) async fn read(&self, ctx: &RequestContext) -> Result<Option<Myself>, DbError> {
        let Some(user) = ctx.user_id() else { return Ok(None) };
        self.db
            .read(ctx, async |tx| {
                let Some(person) = self.people.get(tx, &[user]).await?.remove(&user) else { return Ok(None) };
                let standing = self.memberships.standing(tx).await?;
                let ids: Vec<_> = standing.companies.iter().map(|standing| standing.company).collect();
                let mut found = self.companies.get(tx, &ids).await?;
                let companies = standing.companies.into_iter();
                let companies = companies
                    .filter_map(|standing| Some((found.remove(&standing.company)?, standing)))
                    .collect();
                Ok(Some(Myself {
                    person,
                    roles: standing.roles,
                    permissions: standing.permissions,
                    companies,
                }))
            })
            .await
    }
}
