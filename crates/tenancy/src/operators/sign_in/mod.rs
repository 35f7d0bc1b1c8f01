//! What auth keeps in the catalog of operators who sign in: the ports that it declares for that.

mod accounts;
mod enrolment;
mod factors;
mod sessions;
pub(super) mod store;

use std::sync::{Arc, OnceLock};

use ouvira_common::{
    entropy::Entropy,
    id::{OperatorId, TenantId},
    ports::CatalogError,
    sealing::{DataKey, Unsealable, WrappingKeys},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    catalog::{Catalog, store::LogEntry},
    error::TenancyError,
};

/// To what the catalog's data key is bound.
const PURPOSE: &str = "catalog";

/// The rows behind operators' sign-in, as auth asks for them. Cheap to clone.
#[derive(Clone)]
pub struct OperatorStore {
    catalog: Catalog,
    wrapping: Arc<WrappingKeys>,
    entropy: Arc<dyn Entropy>,
    key: Arc<OnceLock<DataKey>>,
}

impl OperatorStore {
    /// In `catalog`, whose data key is wrapped by `wrapping`.
    pub fn new(catalog: Catalog, wrapping: Arc<WrappingKeys>, entropy: Arc<dyn Entropy>) -> Self {
        Self { catalog, wrapping, entropy, key: Arc::default() }
    }

    /// The catalog's data key; made by whoever first asks for it.
    async fn data_key(&self) -> Result<DataKey, CatalogError> {
        if let Some(key) = self.key.get() {
            return Ok(key.clone());
        }
        // The catalog is no tenant's.
        let nobody = TenantId(Uuid::nil());
        let mut conn = self.catalog.connection().await?;
        let mut kept = store::accounts::catalog_key(&mut conn).await?;
        if kept.is_none() {
            let new = DataKey::generate(nobody, &*self.entropy);
            let (kid, wrapped) = self.wrapping.wrap(PURPOSE, new.expose(), &*self.entropy);
            store::accounts::keep_catalog_key(&mut conn, &kid, &wrapped).await?;
            // Another node may have been faster.
            kept = store::accounts::catalog_key(&mut conn).await?;
        }
        let (kid, wrapped) = kept.ok_or(Unsealable)?;
        let bytes = self.wrapping.unwrap(&kid, PURPOSE, &wrapped)?;
        let key = DataKey::from_bytes(nobody, bytes.try_into().map_err(|_| Unsealable)?);
        Ok(self.key.get_or_init(|| key).clone())
    }
}

/// What happened to an operator's account.
fn entry(action: &'static str, operator: Option<OperatorId>, details: Value) -> LogEntry {
    let object_id = operator.map_or_else(|| "unknown".to_owned(), |operator| operator.to_string());
    LogEntry { action, object_type: "operator", object_id, tenant: None, details }
}

/// As the ports tell it.
fn told(error: TenancyError) -> CatalogError {
    match error {
        TenancyError::Db(error) => error.into(),
        TenancyError::Key(error) => error.into(),
        other => ouvira_common::db::DbError::Unavailable(other.to_string()).into(),
    }
}
