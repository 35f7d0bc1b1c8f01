//! What a role is to hold, from the codes in a request.

use std::collections::HashMap;

use ouvira_common::{
    db::Tx,
    problem::{FieldCode, FieldError, FieldErrors},
};

use crate::{
    AccessControl, AccessError,
    decision::{Catalogue, PermissionSet},
    model::PermissionId,
    store,
};

/// Most permissions of one role.
const MAX: usize = 500;

impl AccessControl {
    /// Ids of the permissions of those codes, each once, with the codes; unknown ones are errors at their place in
    /// `/permissions`.
    pub(super) async fn named_permissions(
        &self,
        tx: &mut Tx,
        codes: &[String],
    ) -> Result<HashMap<PermissionId, String>, AccessError> {
        if codes.len() > MAX {
            let many = FieldError::new("/permissions", FieldCode::TooMany);
            return Err(many.with("max", i64::try_from(MAX).unwrap_or(i64::MAX)).into());
        }
        let custom: Vec<&str> = codes
            .iter()
            .map(String::as_str)
            .filter(|code| self.catalogue().by_code(code).is_none())
            .collect();
        let custom: HashMap<String, PermissionId> = if custom.is_empty() {
            HashMap::new()
        } else {
            store::permissions::by_codes(tx, &custom).await?.into_iter().collect()
        };
        let mut found = HashMap::new();
        let mut fields = FieldErrors::default();
        for (place, code) in codes.iter().enumerate() {
            let system = self.catalogue().by_code(code).map(|system| PermissionId(system.id));
            if let Some(id) = system.or_else(|| custom.get(code).copied()) {
                found.insert(id, code.clone());
            } else {
                fields.push(FieldError::new(format!("/permissions/{place}"), FieldCode::UnknownReference));
            }
        }
        Ok(fields.into_result(Some(found))?)
    }
}

/// Those permissions as a set.
pub(crate) fn set_of<'a>(
    catalogue: &Catalogue,
    ids: impl IntoIterator<Item = &'a PermissionId>,
) -> PermissionSet {
    ids.into_iter().map(|id| catalogue.reference_to(id.0)).collect()
}
