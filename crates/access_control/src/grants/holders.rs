//! Who holds a permission in the tenant as a whole.

use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    id::UserId,
    permission::{Permission, SystemRole},
    ports::PermissionHolders,
};

use super::Grants;
use crate::store;

#[async_trait]
impl PermissionHolders for Grants {
    async fn holders(&self, tx: &mut Tx, permission: &Permission, most: u8) -> Result<Vec<UserId>, DbError> {
        let catalogue = self.rights.catalogue();
        let holding = SystemRole::ALL
            .into_iter()
            .filter(|role| *role == SystemRole::Owner || permission.held_by.contains(role));
        let roles: Vec<_> = holding.map(|role| catalogue.role_id(role)).collect();
        store::user_roles::tenant_wide_holders(tx, &roles, most).await
    }
}
