//! Roles by what people call them.

use ouvira_common::{
    db::Tx,
    id::{CompanyId, RoleId},
    permission::SystemRole,
    text::fold,
};

use crate::{AccessControl, AccessError, store};

/// A role's code or name, in any case: `ADMIN`, `analyst`, `Chief Accountant`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleWord(pub String);

impl AccessControl {
    /// The role meant by `word` where it is to be given: a system role, else one whose code it is, else the only one of
    /// that name. An unknown reference at `pointer` otherwise.
    pub(crate) async fn role_called(
        &self,
        tx: &mut Tx,
        word: &RoleWord,
        company: Option<CompanyId>,
        pointer: &str,
    ) -> Result<RoleId, AccessError> {
        let folded = fold(&word.0);
        if let Some(role) = SystemRole::ALL.into_iter().find(|role| role.code() == folded) {
            return Ok(self.catalogue().role_id(role));
        }
        if word.0.contains('\0') {
            return Err(AccessError::unknown(pointer));
        }
        let found = store::roles::called(tx, &folded, company).await?;
        let by_code = found.iter().find(|(_, code)| *code == folded);
        match (by_code, found.as_slice()) {
            (Some((id, _)), _) | (None, [(id, _)]) => Ok(*id),
            _ => Err(AccessError::unknown(pointer)),
        }
    }
}
