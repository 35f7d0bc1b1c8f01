//! From a row in the catalog to a tenant that answers. Every step may have been done before by a call that was
//! interrupted, and does nothing then.

use ouvira_common::{
    context::{Pass, RequestContext},
    db::Tx,
    id::UserId,
    outbox::OutboxEvent,
    permission::SystemRole,
    ports::NewPerson,
    tenant::{PlacementMode, TenantState},
    text::{Address, Email},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    Tenants, activity,
    enlist::{Request, RequestedAdministrator},
    store,
};
use crate::{PlatformContext, error::TenancyError, gate, model::TenantRecord, placements};

/// A tenant that was made, or is still being made.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// The tenant.
    pub tenant: TenantRecord,
    /// Its first administrator; `None` when none was asked for, or the tenant is still in state `provisioning`.
    pub admin_user_id: Option<UserId>,
}

/// A tenant has its first administrator.
#[derive(Debug, Clone, Serialize)]
pub struct TenantProvisioned {
    /// The administrator.
    pub admin_user_id: UserId,
    /// Whether they have no password yet, and have to be sent the means to set one.
    pub needs_password: bool,
}

impl OutboxEvent for TenantProvisioned {
    const TOPIC: &'static str = "tenant.provisioned.v1";
}

impl Tenants {
    pub(super) async fn provision(
        &self,
        ctx: &PlatformContext,
        mut tenant: TenantRecord,
        request: Request,
    ) -> Result<Provisioned, TenancyError> {
        if !self.place(ctx, &tenant).await? {
            return Ok(Provisioned { tenant, admin_user_id: None });
        }
        // When the gate has it active already, its first rows are there: that step comes after this one.
        let done = gate::admit(&self.deps.catalog, &tenant).await?;
        let admin_user_id = self.first_rows(ctx, &tenant, request.admin, done).await?;
        gate::activate(&self.deps.catalog, &tenant).await?;
        store::activate(&mut *self.deps.catalog.connection().await?, tenant.id, ctx.now).await?;
        tenant.state = TenantState::Active;
        Ok(Provisioned { tenant, admin_user_id })
    }

    /// Makes the tenant's tables; `false` when this process cannot.
    async fn place(&self, ctx: &PlatformContext, tenant: &TenantRecord) -> Result<bool, TenancyError> {
        if tenant.placement.mode == PlacementMode::Shared {
            return Ok(true);
        }
        let Some((placement, ready)) =
            store::placement(&mut *self.deps.catalog.connection().await?, tenant.id).await?
        else {
            return Err(TenancyError::NotFound);
        };
        if ready {
            return Ok(true);
        }
        let Some(owner) = &self.deps.placements else { return Ok(false) };
        owner.make(tenant.id, tenant.placement.mode).await?;
        let mut conn = self.deps.catalog.connection().await?;
        placements::store::migrated(&mut conn, placement, "ready", owner.history().fingerprint(), ctx.now)
            .await?;
        Ok(true)
    }

    /// The tenant's first rows, in one transaction: its administrator, their role, the beginning of its log. When they are
    /// `done`, only finds the administrator.
    async fn first_rows(
        &self,
        ctx: &PlatformContext,
        tenant: &TenantRecord,
        admin: Option<RequestedAdministrator>,
        done: bool,
    ) -> Result<Option<UserId>, TenancyError> {
        let pass = if done { Pass::Job(Uuid::nil()) } else { Pass::Provisioning };
        let ctx: RequestContext = Self::context(ctx, tenant.to_tenant(&self.deps.keys)?, pass);
        let name = &tenant.name;
        self.deps
            .db
            .write(&ctx, async |tx| {
                tx.open().await?;
                let Some(admin) = &admin else {
                    if !done {
                        self.deps.audit.record(tx, activity("tenant.created", tenant.id, name));
                    }
                    return Ok(None);
                };
                let email = Email::parse("/admin/email", &admin.email)
                    .map_err(|error| TenancyError::Fields(error.into()))?;
                let address = Address::Email(email);
                if let Some(person) = self.deps.users.find(tx, &address).await? {
                    return Ok(Some(person.id));
                }
                let user = self.first_administrator(tx, admin, address).await?;
                self.deps.audit.record(tx, activity("tenant.created", tenant.id, name));
                Ok(Some(user))
            })
            .await
    }

    async fn first_administrator(
        &self,
        tx: &mut Tx,
        admin: &RequestedAdministrator,
        address: Address,
    ) -> Result<UserId, TenancyError> {
        let person = NewPerson {
            verified: Some(address),
            claimed: None,
            first_name: admin.first_name.clone(),
            last_name: admin.last_name.clone(),
            locale: None,
        };
        let user = self.deps.users.create(tx, person).await?.id;
        let password = admin.password();
        if let Some(password) = &password {
            self.deps.credentials.set(tx, user, password).await?;
        }
        self.deps.grants.give_tenant_role(tx, user, SystemRole::Owner).await?;
        tx.publish(&TenantProvisioned { admin_user_id: user, needs_password: password.is_none() });
        Ok(user)
    }
}
