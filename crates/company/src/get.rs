//! Companies in batch, for whoever puts together what several domains know.

use std::collections::HashMap;

use ouvira_common::{
    db::{DbError, Tx},
    id::CompanyId,
};

use crate::{Companies, model::Company, store};

impl Companies {
    /// Those of the ids that are there, in one query. Which of them the caller may see is for the caller of this to know.
    pub async fn get(&self, tx: &mut Tx, ids: &[CompanyId]) -> Result<HashMap<CompanyId, Company>, DbError> {
        let companies = store::get(tx, ids).await?;
        Ok(companies.into_iter().map(|company| (company.id, company)).collect())
    }
}
