//! One operator.

use ouvira_common::{id::OperatorId, text::Email};

use super::{Operator, OperatorCredentials, Operators, store};
use crate::error::TenancyError;

impl Operators {
    /// The operator with that id, active or not. Errors: [`TenancyError::NotFound`].
    pub async fn find(&self, id: OperatorId) -> Result<Operator, TenancyError> {
        store::find(&mut *self.catalog.connection().await?, id).await?.ok_or(TenancyError::NotFound)
    }

    /// Who signs in with that address, and the hash to check; `None` for nobody, or nobody active.
    pub async fn credentials(&self, email: &Email) -> Result<Option<OperatorCredentials>, TenancyError> {
        let found = store::credentials(&mut *self.catalog.connection().await?, &email.folded()).await?;
        Ok(found.filter(|found| found.operator.active))
    }
}
