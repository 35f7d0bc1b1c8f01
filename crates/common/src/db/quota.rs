//! How many of something a tenant may have, counted so that two who add at once do not both get the last one.

use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl as _;

use super::{DbError, cached, tx::Tx};
use crate::settings::Quotas;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Users that are not deleted.
    Users,
    /// Companies that are not deleted.
    Companies,
    /// Members of one company.
    MembersPerCompany,
    /// Invitations that can still be accepted.
    PendingInvitations,
    /// Roles of the tenant's own.
    Roles,
}

impl Quota {
    const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Companies => "companies",
            Self::MembersPerCompany => "members_per_company",
            Self::PendingInvitations => "pending_invitations",
            Self::Roles => "roles",
        }
    }

    fn of(self, quotas: &Quotas) -> Option<u32> {
        match self {
            Self::Users => quotas.users,
            Self::Companies => quotas.companies,
            Self::MembersPerCompany => quotas.members_per_company,
            Self::PendingInvitations => quotas.pending_invitations,
            Self::Roles => quotas.roles,
        }
    }
}

/// A quota that nobody else of the tenant adds to until the transaction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldQuota {
    quota: Quota,
    limit: i64,
}

impl HeldQuota {
    /// How many there may be; who counts need not count further.
    pub fn limit(self) -> i64 {
        self.limit
    }

    /// How many more there may be than `present`.
    pub fn room(self, present: i64) -> usize {
        usize::try_from(self.limit - present).unwrap_or(0)
    }

    /// Fails with [`DbError::Quota`] when one more than `present` is too many.
    pub fn admit(self, present: i64) -> Result<(), DbError> {
        if present < self.limit { Ok(()) } else { Err(DbError::Quota(self.quota.name())) }
    }
}

impl Tx {
    /// Where the tenant has a `quota`, waits until nobody else adds to what it counts: what is counted after that holds until
    /// COMMIT. `None`, and no query, where there is none. Call it before the rows are written.
    pub async fn hold_quota(&mut self, quota: Quota) -> Result<Option<HeldQuota>, DbError> {
        // The settings of the transaction, which the gate holds against the present ones.
        let Some(limit) = quota.of(&self.context().settings().quotas) else { return Ok(None) };
        self.open().await?;
        let lock = "SELECT pg_advisory_xact_lock(hashtextextended('quota ' || $1 || current_setting('app.tenant_id'), 0))";
        cached(sql_query(lock).bind::<Text, _>(quota.name())).execute(self).await?;
        Ok(Some(HeldQuota { quota, limit: limit.into() }))
    }
}
