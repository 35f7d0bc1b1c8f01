//! All operators.

use ouvira_common::{
    id::OperatorId,
    page::{Page, PageRequest},
};

use super::{Operator, Operators, store};
use crate::error::TenancyError;

impl Operators {
    /// A page of the operators, in the order in which they were made.
    pub async fn list(&self, page: &PageRequest) -> Result<Page<Operator>, TenancyError> {
        let after: Option<OperatorId> = page.position()?;
        let rows = store::list(&mut *self.catalog.connection().await?, after, page.limit.probe()).await?;
        Ok(Page::from_rows(rows, page.limit, |operator| operator.id))
    }
}
