//! Reading a company's settings.

use ouvira_common::{
    context::RequestContext,
    db::{DbError, Tx},
    id::CompanyId,
};

use super::{CompanySettings, store};
use crate::{Companies, CompanyError};

impl Companies {
    /// The settings of a company that the caller may see.
    pub async fn read_settings(
        &self,
        ctx: &RequestContext,
        id: CompanyId,
    ) -> Result<CompanySettings, CompanyError> {
        self.db
            .read(ctx, async |tx| {
                if !self.sees(tx, id).await? {
                    return Err(CompanyError::NotFound);
                }
                load(tx, id).await?.map(|(settings, _)| settings).ok_or(CompanyError::NotFound)
            })
            .await
    }
}

/// The settings of a company as they are, and as they would be by default; `None` when there is no such company.
pub(super) async fn load(
    tx: &mut Tx,
    id: CompanyId,
) -> Result<Option<(CompanySettings, CompanySettings)>, DbError> {
    let Some((founded, stored)) = store::find(tx, id).await? else { return Ok(None) };
    let default = CompanySettings::default_of(id, tx.context().settings(), founded);
    Ok(Some((stored.unwrap_or_else(|| default.clone()), default)))
}
