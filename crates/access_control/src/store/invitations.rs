//! Invitations.

use diesel::{dsl::count_star, pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use ouvira_common::{
    db::{DbError, Tx, cached},
    id::{CompanyId, RoleId, UserId},
    ports::Visible,
    principal::{Principal, PrincipalKind},
    text::Address,
    time::Timestamp,
};
use uuid::Uuid;

use super::corrupt;
use crate::{
    model::{Invitation, InvitationId, InvitationStatus},
    schema::invitations,
};

const PENDING: &str = InvitationStatus::Pending.as_str();

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitations)]
struct Row {
    id: InvitationId,
    company_id: Option<CompanyId>,
    email: Option<String>,
    phone: Option<String>,
    role_ids: Vec<Option<RoleId>>,
    message: Option<String>,
    status: String,
    invited_by: Uuid,
    invited_by_kind: String,
    expires_at: Timestamp,
    accepted_at: Option<Timestamp>,
    accepted_by: Option<UserId>,
    created_at: Timestamp,
    version: i64,
}

impl Row {
    fn into_invitation(self, now: Timestamp) -> Result<Invitation, DbError> {
        let status = InvitationStatus::ALL.into_iter().find(|status| status.as_str() == self.status);
        let status = match status.ok_or_else(|| corrupt("status"))? {
            InvitationStatus::Pending if self.expires_at <= now => InvitationStatus::Expired,
            status => status,
        };
        let kinds = [
            PrincipalKind::User,
            PrincipalKind::ServiceAccount,
            PrincipalKind::Operator,
            PrincipalKind::System,
        ];
        let kind = kinds.into_iter().find(|kind| kind.as_str() == self.invited_by_kind);
        let address = Address::one_of(self.email.as_deref(), self.phone.as_deref());
        Ok(Invitation {
            id: self.id,
            company: self.company_id,
            address: address.map_err(|_| corrupt("address"))?,
            roles: self.role_ids.into_iter().flatten().collect(),
            message: self.message,
            status,
            invited_by: Principal {
                kind: kind.ok_or_else(|| corrupt("invited_by_kind"))?,
                id: self.invited_by,
            },
            expires_at: self.expires_at,
            created_at: self.created_at,
            accepted_at: self.accepted_at,
            accepted_by: self.accepted_by,
            version: self.version,
        })
    }
}

/// Which invitations a list shows.
pub(crate) struct Chosen<'a> {
    pub(crate) company: Option<CompanyId>,
    pub(crate) status: Option<InvitationStatus>,
    /// Companies whose invitations the caller may see; those to the tenant are seen with all.
    pub(crate) reach: &'a Visible,
    pub(crate) now: Timestamp,
}

impl Chosen<'_> {
    fn query(&self) -> invitations::BoxedQuery<'_, Pg> {
        let mut query = invitations::table.into_boxed();
        if let Some(company) = self.company {
            query = query.filter(invitations::company_id.eq(company));
        }
        query = match self.reach {
            Visible::All => query,
            Visible::AllBut(barred) => query.filter(
                invitations::company_id.is_null().or(invitations::company_id.ne_all(barred.to_vec())),
            ),
            Visible::Ids(companies) => query.filter(invitations::company_id.eq_any(companies.to_vec())),
        };
        match self.status {
            None => query,
            Some(InvitationStatus::Pending) => {
                query.filter(invitations::status.eq(PENDING).and(invitations::expires_at.gt(self.now)))
            }
            Some(InvitationStatus::Expired) => {
                query.filter(invitations::status.eq(PENDING).and(invitations::expires_at.le(self.now)))
            }
            Some(status) => query.filter(invitations::status.eq(status.as_str())),
        }
    }
}

/// How many invitations can still be accepted, counted to `limit`.
pub(crate) async fn count_pending(tx: &mut Tx, limit: i64) -> Result<i64, DbError> {
    let pending = invitations::status.eq(PENDING).and(invitations::expires_at.gt(tx.now()));
    super::count_to(tx, invitations::table.filter(pending).select(invitations::id), limit).await
}

fn addresses(address: &Address) -> (Option<&str>, Option<&str>) {
    match address {
        Address::Email(email) => (Some(email.as_str()), None),
        Address::Phone(phone) => (None, Some(phone.as_str())),
    }
}

/// Writes a new invitation with the hash of its token. Deferred.
pub(crate) fn defer_insert(tx: &mut Tx, invitation: &Invitation, token_hash: [u8; 32]) {
    let (email, phone) = addresses(&invitation.address);
    tx.defer(diesel::insert_into(invitations::table).values((
        invitations::id.eq(invitation.id),
        invitations::company_id.eq(invitation.company),
        invitations::email.eq(email.map(str::to_owned)),
        invitations::phone.eq(phone.map(str::to_owned)),
        invitations::role_ids.eq(invitation.roles.clone()),
        invitations::message.eq(invitation.message.clone()),
        invitations::status.eq(PENDING),
        invitations::token_hash.eq(token_hash.to_vec()),
        invitations::invited_by.eq(invitation.invited_by.id),
        invitations::invited_by_kind.eq(invitation.invited_by.kind.as_str()),
        invitations::expires_at.eq(invitation.expires_at),
        invitations::created_at.eq(invitation.created_at),
        invitations::updated_at.eq(invitation.created_at),
    )));
}

/// Writes what can change of an invitation; with `token_hash` its token too. Deferred.
pub(crate) fn defer_update(tx: &mut Tx, invitation: &Invitation, token_hash: Option<[u8; 32]>) {
    let status = match invitation.status {
        InvitationStatus::Expired => InvitationStatus::Pending,
        status => status,
    };
    let row = invitations::table.filter(invitations::id.eq(invitation.id));
    let changes = (
        invitations::role_ids.eq(invitation.roles.clone()),
        invitations::message.eq(invitation.message.clone()),
        invitations::status.eq(status.as_str()),
        invitations::invited_by.eq(invitation.invited_by.id),
        invitations::invited_by_kind.eq(invitation.invited_by.kind.as_str()),
        invitations::expires_at.eq(invitation.expires_at),
        invitations::accepted_at.eq(invitation.accepted_at),
        invitations::accepted_by.eq(invitation.accepted_by),
        invitations::version.eq(invitation.version),
        invitations::updated_at.eq(tx.now()),
    );
    match token_hash {
        None => tx.defer(cached(diesel::update(row).set(changes))),
        Some(hash) => {
            tx.defer(cached(diesel::update(row).set((changes, invitations::token_hash.eq(hash.to_vec())))));
        }
    }
}

/// Deletes it. Deferred.
pub(crate) fn defer_delete(tx: &mut Tx, id: InvitationId) {
    tx.defer(diesel::delete(invitations::table.filter(invitations::id.eq(id))));
}

/// Deletes invitations that nobody accepted and that expired by `before`, `limit` at most, and answers them.
pub(crate) async fn take_lapsed(
    tx: &mut Tx,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Invitation>, DbError> {
    let lapsed = invitations::status.eq(PENDING).and(invitations::expires_at.le(before));
    let rows: Vec<Row> = invitations::table
        .filter(lapsed)
        .order(invitations::expires_at)
        .limit(limit)
        .select(Row::as_select())
        .for_update()
        .skip_locked()
        .load(tx)
        .await?;
    let ids: Vec<InvitationId> = rows.iter().map(|row| row.id).collect();
    tx.defer(diesel::delete(invitations::table.filter(invitations::id.eq_any(ids))));
    let now = tx.now();
    rows.into_iter().map(|row| row.into_invitation(now)).collect()
}

pub(crate) async fn find(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    let query = invitations::table.filter(invitations::id.eq(id)).select(Row::as_select());
    let row = query.first(tx).await.optional()?;
    row.map(|row| row.into_invitation(tx.now())).transpose()
}

/// The invitation, locked until the transaction ends.
pub(crate) async fn lock(tx: &mut Tx, id: InvitationId) -> Result<Option<Invitation>, DbError> {
    let query = invitations::table.filter(invitations::id.eq(id)).select(Row::as_select()).for_update();
    let row = query.first(tx).await.optional()?;
    row.map(|row| row.into_invitation(tx.now())).transpose()
}

/// The invitation of that token.
pub(crate) async fn find_by_token(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<Invitation>, DbError> {
    let theirs = invitations::token_hash.eq(token_hash.to_vec());
    let row = invitations::table.filter(theirs).select(Row::as_select()).first(tx).await.optional()?;
    row.map(|row| row.into_invitation(tx.now())).transpose()
}

/// The invitation of that token, locked until the transaction ends.
pub(crate) async fn lock_by_token(tx: &mut Tx, token_hash: &[u8; 32]) -> Result<Option<Invitation>, DbError> {
    let theirs = invitations::token_hash.eq(token_hash.to_vec());
    let query = invitations::table.filter(theirs).select(Row::as_select()).for_update();
    let row = query.first(tx).await.optional()?;
    row.map(|row| row.into_invitation(tx.now())).transpose()
}

pub(crate) async fn page(
    tx: &mut Tx,
    chosen: &Chosen<'_>,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>, DbError> {
    let mut query = chosen.query();
    if let Some(after) = after {
        query = query.filter(invitations::id.lt(after));
    }
    let rows = query.select(Row::as_select()).order(invitations::id.desc()).limit(limit).load(tx).await?;
    rows.into_iter().map(|row| row.into_invitation(chosen.now)).collect()
}

pub(crate) async fn count(tx: &mut Tx, chosen: &Chosen<'_>) -> Result<i64, DbError> {
    Ok(chosen.query().select(count_star()).get_result(tx).await?)
}
