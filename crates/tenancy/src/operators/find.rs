//! One operator.

use ouvira_common::{id::OperatorId, problem::FieldErrors, text::Email};

use super::{Operator, Operators, store};
use crate::error::TenancyError;

impl Operators {
    /// The operator with that id, active or not. Errors: [`TenancyError::NotFound`].
    pub async fn find(&self, id: OperatorId) -> Result<Operator, TenancyError> {
        store::find(&mut *self.catalog.connection().await?, id).await?.ok_or(TenancyError::NotFound)
    }

    /// The operator who signs in with `email`, in whatever case. Errors: [`TenancyError::NotFound`].
    pub async fn find_by_email(&self, email: &str) -> Result<Operator, TenancyError> {
        let email = Email::parse("/email", email).map_err(FieldErrors::from)?;
        let found = store::find_by_email(&mut *self.catalog.connection().await?, &email.folded()).await?;
        found.ok_or(TenancyError::NotFound)
    }
}
