//! Reading one company.

use ouvira_common::{context::RequestContext, id::CompanyId};

use crate::{Companies, CompanyError, model::Company, store};

impl Companies {
    /// The company; `NotFound` when it is not there or not for the caller to see.
    pub async fn read(&self, ctx: &RequestContext, id: CompanyId) -> Result<Company, CompanyError> {
        self.db
            .read(ctx, async |tx| {
                if !self.sees(tx, id).await? {
                    return Err(CompanyError::NotFound);
                }
                store::find(tx, id).await?.ok_or(CompanyError::NotFound)
            })
            .await
    }
}
