//! Whether this process has the keys that others wrapped with.

use diesel::{ExpressionMethods as _, QueryDsl as _, dsl::exists, select};
use diesel_async::RunQueryDsl as _;

use super::KeyRing;
use crate::{
    error::TenancyError,
    schema::ouvira_catalog::{catalog_key, tenants},
};

impl KeyRing {
    /// Fails with [`TenancyError::Key`] when a signing key does not unwrap, or a tenant's data key was wrapped by a key that is
    /// not among those of `ENCRYPTION_KEYS`: then some of what this process is asked it cannot do.
    pub async fn require_wrapping_keys(&self) -> Result<(), TenancyError> {
        self.load().await?;
        let names: Vec<&str> = self.0.wrapping.names().collect();
        let mut conn = self.0.catalog.connection().await?;
        let stranger = tenants::table.filter(tenants::data_key_kid.ne_all(&names));
        let of_tenants: bool = select(exists(stranger)).get_result(&mut conn).await?;
        let stranger = catalog_key::table.filter(catalog_key::data_key_kid.ne_all(&names));
        let of_catalog: bool = select(exists(stranger)).get_result(&mut conn).await?;
        if of_tenants || of_catalog { Err(ouvira_common::sealing::Unsealable.into()) } else { Ok(()) }
    }
}
