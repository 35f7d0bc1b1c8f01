//! A tenant's row in the catalog, before anything else of it is there.

use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use ouvira_common::{
    db::DbError,
    id::{TenantId, uuid_at},
    ports::HashedPassword,
    sealing::{DataKey, Place, Unsealable},
    secret::Secret,
    tenant::{Placement, PlacementMode, TenantState},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    Tenants, keys,
    new::{Wanted, WantedAdministrator},
    store,
};
use crate::{
    PlatformContext,
    catalog::store::{LogEntry, log},
    error::TenancyError,
    model::{SHARED_PLACEMENT, TenantRecord, WrappedKey, database_name},
    placements,
};

/// Whom to make the first administrator. Kept sealed in the tenant's row until that is done, so that whoever finds the
/// tenant half made can complete it.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) admin: Option<RequestedAdministrator>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RequestedAdministrator {
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// PHC string.
    password_hash: Option<String>,
}

impl Request {
    pub(super) fn of(admin: &WantedAdministrator, hash: Option<&HashedPassword>) -> Self {
        let admin = RequestedAdministrator {
            email: admin.email.as_str().to_owned(),
            first_name: admin.first_name.clone(),
            last_name: admin.last_name.clone(),
            password_hash: hash.map(|hash| hash.0.expose().to_owned()),
        };
        Self { admin: Some(admin) }
    }

    fn email(&self) -> Option<&str> {
        self.admin.as_ref().map(|admin| admin.email.as_str())
    }
}

impl RequestedAdministrator {
    pub(super) fn password(&self) -> Option<HashedPassword> {
        self.password_hash.as_ref().map(|hash| HashedPassword(Secret::new(hash.clone())))
    }
}

const fn place(tenant: TenantId) -> Place {
    Place { table: "tenants", column: "request", row: tenant.0 }
}

impl Tenants {
    /// The tenant that was asked for, in state `provisioning`: a new row, or that of an interrupted call for the same.
    pub(super) async fn enlist(
        &self,
        ctx: &PlatformContext,
        wanted: Wanted,
    ) -> Result<(TenantRecord, Request), TenancyError> {
        let mut conn = self.deps.catalog.connection().await?;
        if let Some(found) = store::find_by_slug(&mut conn, &wanted.slug).await? {
            let request = self.request_of(&found).await?.ok_or(TenancyError::SlugTaken)?;
            let same = found.placement.mode == wanted.mode
                && request.email() == wanted.admin.as_ref().map(|admin| admin.email.as_str());
            return if same { Ok((found, request)) } else { Err(TenancyError::SlugTaken) };
        }

        let request = self.hashed(ctx, wanted.admin).await?;
        let inserted = conn
            .transaction(async |conn| {
                let (id, placement) = self.take_place(conn, ctx, wanted.mode).await?;
                let data_key = DataKey::generate(id, self.deps.entropy.as_ref());
                let tenant = TenantRecord {
                    id,
                    slug: wanted.slug.clone(),
                    name: wanted.name.clone(),
                    state: TenantState::Provisioning,
                    placement: Placement {
                        mode: wanted.mode,
                        database: database_name(wanted.mode, id),
                        epoch: 1,
                    },
                    domains: Vec::new(),
                    created_at: ctx.now,
                    updated_at: ctx.now,
                    deleted_at: None,
                    purge_at: None,
                    version: 1,
                    data_key: WrappedKey::wrap(&self.deps.keys, id, &data_key, self.deps.entropy.as_ref()),
                };
                let sealed = serde_json::to_vec(&request).expect("a request is plain data");
                let sealed = data_key.seal(place(id), &sealed, self.deps.entropy.as_ref());
                store::insert(conn, &tenant, placement, &sealed).await?;
                keys::begin(conn, ctx, id).await?;
                let details = json!({"slug": tenant.slug.as_str(), "placement": wanted.mode.as_str()});
                log(conn, ctx, LogEntry::of_tenant("tenant.created", id, details)).await?;
                Ok(tenant)
            })
            .await;
        match inserted {
            Err(TenancyError::Db(error)) if error.violates_unique("tenants_slug_key") => {
                Err(TenancyError::SlugTaken)
            }
            inserted => inserted.map(|tenant| (tenant, request)),
        }
    }

    /// The id and the placement of a new tenant. A spare placement was made under the id of its tenant to come.
    async fn take_place(
        &self,
        conn: &mut AsyncPgConnection,
        ctx: &PlatformContext,
        mode: PlacementMode,
    ) -> Result<(TenantId, Uuid), DbError> {
        let id = TenantId::new_at(ctx.now);
        if mode == PlacementMode::Shared {
            return Ok((id, SHARED_PLACEMENT));
        }
        if mode == PlacementMode::Schema
            && let Some(spare) = store::take_spare(conn, self.deps.history.fingerprint(), ctx.now).await?
        {
            return Ok(spare);
        }
        let placement = uuid_at(ctx.now);
        placements::store::insert(conn, placement, id, mode, ctx.now).await?;
        Ok((id, placement))
    }

    /// What is still to be done for `tenant`; `None` when it is not being provisioned any more.
    pub(super) async fn request_of(&self, tenant: &TenantRecord) -> Result<Option<Request>, TenancyError> {
        let mut conn = self.deps.catalog.connection().await?;
        let Some(sealed) = store::request(&mut conn, tenant.id).await? else { return Ok(None) };
        let plain = tenant.data_key.unwrap(&self.deps.keys, tenant.id)?.open(place(tenant.id), &sealed)?;
        Ok(Some(serde_json::from_slice(&plain).map_err(|_| Unsealable)?))
    }
}
