//! Making a tenant: one call from its name to its first administrator (T3).

use std::sync::Arc;

use ouvira_common::{
    context::Pass,
    db::{DbError, KeyRefusal},
    id::{TenantId, UserId},
    ports::CredentialError,
    problem::FieldErrors,
    sealing::DataKey,
    settings::TenantSettings,
    tenant::{Placement, PlacementMode, Tenant, TenantState},
    text::Address,
};
use uuid::Uuid;

use super::{
    NewTenant, Provisioned, Tenants,
    enlist::Request,
    keys,
    new::{Wanted, WantedAdministrator},
    store,
};
use crate::{PlatformContext, error::TenancyError, lock::Lock, model::TenantRecord, slug::Slug};

impl Tenants {
    /// Makes a tenant: its row in the catalog, its tables, its row at the gate, its first administrator; then it answers.
    /// Before that nothing of it does. The same call again, with the same slug, placement and administrator, completes what
    /// an interrupted one left.
    ///
    /// A tenant whose placement this process cannot make is answered in state `provisioning`, to be completed by
    /// [`Tenants::finish_all`] where the owner's credentials are. Errors: fields, [`TenancyError::SlugReserved`],
    /// [`TenancyError::SlugTaken`], also while another call is making it.
    pub async fn create(&self, ctx: &PlatformContext, new: NewTenant) -> Result<Provisioned, TenancyError> {
        let wanted = Wanted::parse(new)?;
        let taken = || match ctx.claim {
            // It may be the same request that is making it.
            Some(_) => DbError::from(KeyRefusal::InProgress).into(),
            None => TenancyError::SlugTaken,
        };
        let lock = self.lock(&wanted.slug).await?.ok_or_else(taken)?;
        let outcome = self.create_locked(ctx, wanted).await;
        lock.release().await;
        outcome
    }

    async fn create_locked(
        &self,
        ctx: &PlatformContext,
        wanted: Wanted,
    ) -> Result<Provisioned, TenancyError> {
        let mut conn = self.deps.catalog.connection().await?;
        if let Some(id) = keys::begun(&mut conn, ctx).await?
            && let Some(tenant) = store::find(&mut conn, id).await?
            && tenant.state != TenantState::Provisioning
        {
            let admin_user_id = self.administrator(ctx, &tenant, wanted.admin.as_ref()).await?;
            return Ok(Provisioned { tenant, admin_user_id });
        }
        drop(conn);
        let (tenant, request) = self.enlist(ctx, wanted).await?;
        self.provision(ctx, tenant, request).await
    }

    /// The first administrator of a tenant that was completed before.
    async fn administrator(
        &self,
        ctx: &PlatformContext,
        tenant: &TenantRecord,
        admin: Option<&WantedAdministrator>,
    ) -> Result<Option<UserId>, TenancyError> {
        let Some(admin) = admin else { return Ok(None) };
        let address = Address::Email(admin.email.clone());
        let ctx = Self::context(ctx, tenant.to_tenant(&self.deps.keys)?, Pass::Job(Uuid::nil()));
        self.deps
            .db
            .read(&ctx, async |tx| Ok(self.deps.users.find(tx, &address).await?.map(|person| person.id)))
            .await
    }

    /// Completes every tenant that an interrupted call left, or that waits for its placement; answers those that are done.
    /// One that fails is logged and left for the next time.
    pub async fn finish_all(&self, ctx: &PlatformContext) -> Result<Vec<Provisioned>, TenancyError> {
        let mut finished = Vec::new();
        for tenant in self.unfinished().await? {
            let slug = tenant.slug.clone();
            match self.finish(ctx, tenant).await {
                Ok(Some(provisioned)) => finished.push(provisioned),
                Ok(None) => {}
                Err(error) => tracing::warn!(%slug, %error, "a tenant could not be provisioned"),
            }
        }
        Ok(finished)
    }

    /// `None` when somebody else is at it, or was faster.
    async fn finish(
        &self,
        ctx: &PlatformContext,
        tenant: TenantRecord,
    ) -> Result<Option<Provisioned>, TenancyError> {
        let Some(lock) = self.lock(&tenant.slug).await? else { return Ok(None) };
        let outcome = match self.request_of(&tenant).await {
            Ok(Some(request)) => self.provision(ctx, tenant, request).await.map(Some),
            Ok(None) => Ok(None),
            Err(error) => Err(error),
        };
        lock.release().await;
        outcome
    }

    /// One process at a time makes the tenant of one slug; `None` while another does.
    async fn lock(&self, slug: &Slug) -> Result<Option<Lock>, TenancyError> {
        let conn = self.deps.catalog.dedicated(None).await?;
        Ok(Lock::take(conn, &format!("tenant.{slug}")).await?)
    }

    /// The administrator as they are stored until they are made: with a hash in place of the password.
    pub(super) async fn hashed(
        &self,
        ctx: &PlatformContext,
        admin: Option<WantedAdministrator>,
    ) -> Result<Request, TenancyError> {
        let Some(admin) = admin else { return Ok(Request { admin: None }) };
        let hash = match &admin.password {
            None => None,
            Some(password) => {
                let ctx = Self::context(ctx, self.not_yet(ctx), Pass::Provisioning);
                Some(self.deps.credentials.hash(&ctx, password).await.map_err(at_admin)?)
            }
        };
        Ok(Request::of(&admin, hash.as_ref()))
    }

    /// A tenant as it will be when it is new: what a password is checked against before anything of it is there.
    fn not_yet(&self, ctx: &PlatformContext) -> Arc<Tenant> {
        let id = TenantId::new_at(ctx.now);
        Arc::new(Tenant {
            id,
            slug: String::new(),
            name: String::new(),
            state: TenantState::Provisioning,
            placement: Placement { mode: PlacementMode::Shared, database: None, epoch: 1 },
            settings: TenantSettings::default(),
            settings_version: 1,
            data_key: DataKey::generate(id, self.deps.entropy.as_ref()),
        })
    }
}

/// The password's errors point at where it stands here.
fn at_admin(error: CredentialError) -> CredentialError {
    let CredentialError::Fields(FieldErrors(mut errors)) = error else { return error };
    for error in &mut errors {
        error.pointer.insert_str(0, "/admin");
    }
    CredentialError::Fields(FieldErrors(errors))
}
