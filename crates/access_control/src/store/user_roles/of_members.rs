//! Roles of members, as lists of one company's show them.

use diesel::{pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx},
    id::RoleId,
    ports::Visible,
    time::Timestamp,
};
use uuid::Uuid;

use crate::{
    model::{MembershipId, MembershipRole, UserRoleId},
    schema::membership_roles,
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = membership_roles)]
struct MembershipRoleRow {
    id: UserRoleId,
    membership_id: MembershipId,
    role_id: RoleId,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<MembershipRoleRow> for MembershipRole {
    fn from(row: MembershipRoleRow) -> Self {
        Self {
            id: row.id,
            membership: row.membership_id,
            role: row.role_id,
            granted_by: row.granted_by,
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}

/// The role of a member under that id.
pub(crate) async fn find_of_member(tx: &mut Tx, id: UserRoleId) -> Result<Option<MembershipRole>, DbError> {
    let lasting = membership_roles::expires_at.is_null().or(membership_roles::expires_at.gt(tx.now()));
    let query = membership_roles::table.filter(membership_roles::id.eq(id).and(lasting));
    let row = query.select(MembershipRoleRow::as_select()).first(tx).await.optional()?;
    Ok(row.map(MembershipRole::from))
}

/// Which roles of members a list shows.
pub(crate) struct OfMembers<'a> {
    pub(crate) membership: Option<MembershipId>,
    pub(crate) reach: &'a Visible,
    pub(crate) now: Timestamp,
}

impl OfMembers<'_> {
    fn query(&self) -> membership_roles::BoxedQuery<'_, Pg> {
        let lasting = membership_roles::expires_at.is_null().or(membership_roles::expires_at.gt(self.now));
        let mut query = membership_roles::table.filter(lasting).into_boxed();
        if let Some(membership) = self.membership {
            query = query.filter(membership_roles::membership_id.eq(membership));
        }
        match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(membership_roles::company_id.ne_all(barred.to_vec())),
            Visible::Ids(companies) => query.filter(membership_roles::company_id.eq_any(companies.to_vec())),
        }
    }
}

pub(crate) async fn page_of_members(
    tx: &mut Tx,
    chosen: &OfMembers<'_>,
    after: Option<UserRoleId>,
    limit: i64,
) -> Result<Vec<MembershipRole>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(membership_roles::id.gt(after));
    }
    let query = query.select(MembershipRoleRow::as_select()).order(membership_roles::id).limit(limit);
    Ok(query.load(tx).await?.into_iter().map(MembershipRole::from).collect())
}

pub(crate) async fn count_of_members(tx: &mut Tx, chosen: &OfMembers<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(diesel::dsl::count_star()).get_result(tx).await?)
}
