//! Roles that users hold, by membership and tenant-wide: two tables, one view. Ended ones are as if they were not there.

mod lapsed;
mod of_members;
mod view;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
    time::Timestamp,
};
use uuid::Uuid;

pub(crate) use lapsed::take_lapsed;
pub(crate) use of_members::{OfMembers, count_of_members, find_of_member, page_of_members};
pub(crate) use view::{Chosen, all_of, count, find, names, page};

use crate::{
    decision::Catalogue,
    model::{MembershipId, MembershipRole, UserRole, UserRoleId},
    schema::{membership_roles, tenant_roles},
};

/// The keys that keep a role from being deleted while somebody holds it.
pub(crate) const HELD: [&str; 2] = ["membership_roles_role", "tenant_roles_role"];

#[derive(Insertable)]
#[diesel(table_name = membership_roles, treat_none_as_default_value = false)]
struct NewMembershipRole {
    id: UserRoleId,
    membership_id: MembershipId,
    company_id: CompanyId,
    role_id: RoleId,
    custom_role_id: Option<RoleId>,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = tenant_roles, treat_none_as_default_value = false)]
struct NewTenantRole {
    id: UserRoleId,
    user_id: UserId,
    role_id: RoleId,
    custom_role_id: Option<RoleId>,
    granted_by: Option<Uuid>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The id once more where it is a role of the tenant's own.
pub(in crate::store) fn custom(catalogue: &Catalogue, role: RoleId) -> Option<RoleId> {
    catalogue.system_role(role).is_none().then_some(role)
}

fn membership_role(catalogue: &Catalogue, company: CompanyId, given: &MembershipRole) -> NewMembershipRole {
    NewMembershipRole {
        id: given.id,
        membership_id: given.membership,
        company_id: company,
        role_id: given.role,
        custom_role_id: custom(catalogue, given.role),
        granted_by: given.granted_by,
        expires_at: given.expires_at,
        created_at: given.created_at,
        updated_at: given.created_at,
    }
}

fn tenant_role(catalogue: &Catalogue, given: &UserRole) -> NewTenantRole {
    NewTenantRole {
        id: given.id,
        user_id: given.user,
        role_id: given.role.id,
        custom_role_id: custom(catalogue, given.role.id),
        granted_by: given.granted_by,
        expires_at: given.expires_at,
        created_at: given.created_at,
        updated_at: given.created_at,
    }
}

/// Puts `$row` into `$table`, unless `$holder` has the role there already: `false` then. One that has ended gives way.
macro_rules! put {
    ($tx:ident, $table:ident, $holder:ident, $row:expr) => {{
        use diesel::{query_dsl::methods::FilterDsl, upsert::excluded};
        use $table as t;
        let row = $row;
        let ended = t::expires_at.le(row.created_at);
        let statement = diesel::insert_into(t::table)
            .values(row)
            .on_conflict((t::tenant_id, t::$holder, t::role_id))
            .do_update()
            .set((
                t::id.eq(excluded(t::id)),
                t::granted_by.eq(excluded(t::granted_by)),
                t::expires_at.eq(excluded(t::expires_at)),
                t::created_at.eq(excluded(t::created_at)),
                t::updated_at.eq(excluded(t::updated_at)),
            ));
        Ok(cached(FilterDsl::filter(statement, ended)).execute($tx).await? == 1)
    }};
}

/// Gives a role to a member of `company`; `false` when they hold it already. One that has ended gives way.
pub(crate) async fn give(
    tx: &mut Tx,
    catalogue: &Catalogue,
    company: CompanyId,
    given: &MembershipRole,
) -> Result<bool, DbError> {
    put!(tx, membership_roles, membership_id, membership_role(catalogue, company, given))
}

/// Gives a role to a new member of `company`. Deferred.
pub(crate) fn defer_give(tx: &mut Tx, catalogue: &Catalogue, company: CompanyId, given: &MembershipRole) {
    tx.defer(diesel::insert_into(membership_roles::table).values(membership_role(catalogue, company, given)));
}

/// Gives a role tenant-wide; `false` when it is held already. One that has ended gives way.
pub(crate) async fn give_tenant_wide(
    tx: &mut Tx,
    catalogue: &Catalogue,
    given: &UserRole,
) -> Result<bool, DbError> {
    put!(tx, tenant_roles, user_id, tenant_role(catalogue, given))
}

/// Gives a role tenant-wide to somebody who holds nothing yet. Deferred.
pub(crate) fn defer_give_tenant_wide(tx: &mut Tx, catalogue: &Catalogue, given: &UserRole) {
    tx.defer(diesel::insert_into(tenant_roles::table).values(tenant_role(catalogue, given)));
}

/// Takes a role away. Deferred.
pub(crate) fn defer_take(tx: &mut Tx, held: &UserRole) {
    match held.company {
        Some(_) => tx.defer(diesel::delete(membership_roles::table.filter(membership_roles::id.eq(held.id)))),
        None => tx.defer(diesel::delete(tenant_roles::table.filter(tenant_roles::id.eq(held.id)))),
    }
}

/// Takes all tenant-wide roles from `user`. Deferred.
pub(crate) fn defer_take_tenant_wide(tx: &mut Tx, user: UserId) {
    tx.defer(diesel::delete(tenant_roles::table.filter(tenant_roles::user_id.eq(user))));
}

/// Removes what of `role` has ended, so that only what is held keeps the role from being deleted.
pub(crate) async fn forget_ended(tx: &mut Tx, role: RoleId) -> Result<(), DbError> {
    let now = tx.now();
    let ended = membership_roles::role_id.eq(role).and(membership_roles::expires_at.le(now));
    diesel::delete(membership_roles::table.filter(ended)).execute(tx).await?;
    let ended = tenant_roles::role_id.eq(role).and(tenant_roles::expires_at.le(now));
    diesel::delete(tenant_roles::table.filter(ended)).execute(tx).await?;
    Ok(())
}

/// At most `most` users who hold one of `roles` tenant-wide.
pub(crate) async fn tenant_wide_holders(
    tx: &mut Tx,
    roles: &[RoleId],
    most: u8,
) -> Result<Vec<UserId>, DbError> {
    let live = tenant_roles::expires_at.is_null().or(tenant_roles::expires_at.gt(tx.now()));
    Ok(tenant_roles::table
        .filter(tenant_roles::role_id.eq_any(roles).and(live))
        .select(tenant_roles::user_id)
        .distinct()
        .limit(most.into())
        .load(tx)
        .await?)
}
