//! Who belongs to which company.

use diesel::{dsl::count_star, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, UserId},
    ports::Visible,
    time::Timestamp,
};

use super::corrupt;
use crate::{
    model::{Membership, MembershipId, MembershipStatus},
    schema::{company_tree, memberships},
};

/// The constraint that a user is a member of a company once.
pub(crate) const ONCE: &str = "memberships_once";

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = memberships, treat_none_as_default_value = false)]
struct Row {
    id: MembershipId,
    user_id: UserId,
    company_id: CompanyId,
    status: String,
    title: Option<String>,
    joined_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i64,
}

impl Row {
    fn new(membership: &Membership, now: Timestamp) -> Self {
        Self {
            id: membership.id,
            user_id: membership.user,
            company_id: membership.company,
            status: membership.status.as_str().to_owned(),
            title: membership.title.clone(),
            joined_at: membership.joined_at,
            created_at: now,
            updated_at: now,
            version: membership.version,
        }
    }
}

impl TryFrom<Row> for Membership {
    type Error = DbError;

    fn try_from(row: Row) -> Result<Self, DbError> {
        let statuses = [MembershipStatus::Active, MembershipStatus::Suspended];
        let status = statuses.into_iter().find(|status| status.as_str() == row.status);
        Ok(Self {
            id: row.id,
            user: row.user_id,
            company: row.company_id,
            status: status.ok_or_else(|| corrupt("status"))?,
            title: row.title,
            joined_at: row.joined_at,
            version: row.version,
        })
    }
}

/// Which memberships a list shows.
pub(crate) struct Chosen<'a> {
    pub(crate) company: Option<CompanyId>,
    pub(crate) user: Option<UserId>,
    pub(crate) reach: &'a Visible,
}

impl Chosen<'_> {
    fn query(&self) -> memberships::BoxedQuery<'_, Pg> {
        let mut query = memberships::table.into_boxed();
        if let Some(company) = self.company {
            query = query.filter(memberships::company_id.eq(company));
        }
        if let Some(user) = self.user {
            query = query.filter(memberships::user_id.eq(user));
        }
        match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(memberships::company_id.ne_all(barred.to_vec())),
            Visible::Ids(companies) => query.filter(memberships::company_id.eq_any(companies.to_vec())),
        }
    }
}

/// How many members a company has, counted to `limit`.
pub(crate) async fn count_in(tx: &mut Tx, company: CompanyId, limit: i64) -> Result<i64, DbError> {
    let query = memberships::table.filter(memberships::company_id.eq(company)).select(memberships::id);
    super::count_to(tx, query, limit).await
}

pub(crate) async fn insert(tx: &mut Tx, membership: &Membership) -> Result<(), DbError> {
    let row = Row::new(membership, tx.now());
    diesel::insert_into(memberships::table).values(row).execute(tx).await?;
    Ok(())
}

/// The same, deferred.
pub(crate) fn defer_insert(tx: &mut Tx, membership: &Membership) {
    let row = Row::new(membership, tx.now());
    tx.defer(diesel::insert_into(memberships::table).values(row));
}

pub(crate) async fn find(tx: &mut Tx, id: MembershipId) -> Result<Option<Membership>, DbError> {
    let query = memberships::table.filter(memberships::id.eq(id)).select(Row::as_select());
    query.first(tx).await.optional()?.map(Membership::try_from).transpose()
}

/// The membership, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: MembershipId) -> Result<Option<Membership>, DbError> {
    let query = memberships::table.filter(memberships::id.eq(id)).select(Row::as_select()).for_update();
    query.first(tx).await.optional()?.map(Membership::try_from).transpose()
}

/// The membership of `user` in `company`.
pub(crate) async fn of(tx: &mut Tx, user: UserId, company: CompanyId) -> Result<Option<Membership>, DbError> {
    let theirs = memberships::user_id.eq(user).and(memberships::company_id.eq(company));
    let query = memberships::table.filter(theirs).select(Row::as_select());
    query.first(tx).await.optional()?.map(Membership::try_from).transpose()
}

/// Writes status, title and version. Deferred.
pub(crate) fn defer_update(tx: &mut Tx, membership: &Membership) {
    let now = tx.now();
    tx.defer(cached(diesel::update(memberships::table.filter(memberships::id.eq(membership.id))).set((
        memberships::status.eq(membership.status.as_str()),
        memberships::title.eq(membership.title.clone()),
        memberships::version.eq(membership.version),
        memberships::updated_at.eq(now),
    ))));
}

/// Ends a membership with its roles. Deferred.
pub(crate) fn defer_delete(tx: &mut Tx, id: MembershipId) {
    tx.defer(diesel::delete(memberships::table.filter(memberships::id.eq(id))));
}

/// Ends all memberships of `user`. Deferred.
pub(crate) fn defer_delete_all(tx: &mut Tx, user: UserId) {
    tx.defer(diesel::delete(memberships::table.filter(memberships::user_id.eq(user))));
}

pub(crate) async fn page(
    tx: &mut Tx,
    chosen: &Chosen<'_>,
    after: Option<MembershipId>,
    limit: i64,
) -> Result<Vec<Membership>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(memberships::id.gt(after));
    }
    let rows = query.select(Row::as_select()).order(memberships::id).limit(limit).load(tx).await?;
    rows.into_iter().map(Membership::try_from).collect()
}

pub(crate) async fn count(tx: &mut Tx, chosen: &Chosen<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(count_star()).get_result(tx).await?)
}

/// Companies where `user` is an active member, the first they joined first.
pub(crate) async fn companies_of(tx: &mut Tx, user: UserId, limit: i64) -> Result<Vec<CompanyId>, DbError> {
    let active = memberships::user_id.eq(user).and(memberships::status.eq(MembershipStatus::Active.as_str()));
    let query = memberships::table
        .inner_join(company_tree::table.on(company_tree::id.eq(memberships::company_id)))
        .filter(active.and(company_tree::removed_at.is_null()))
        .select(memberships::company_id)
        .order(memberships::id)
        .limit(limit);
    Ok(query.load(tx).await?)
}

/// All memberships of `user`.
pub(crate) async fn all_of(tx: &mut Tx, user: UserId) -> Result<Vec<Membership>, DbError> {
    let query = memberships::table.filter(memberships::user_id.eq(user)).select(Row::as_select());
    query.load(tx).await?.into_iter().map(Membership::try_from).collect()
}
