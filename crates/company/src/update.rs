//! Changing what is said of a company.

use ouvira_common::{
    context::RequestContext,
    id::CompanyId,
    ports::{Activity, Changes},
    problem::{FieldCode, FieldError, FieldErrors},
};

use crate::{
    Companies, CompanyError,
    event::CompanyUpdated,
    model::{Company, Edit, Particulars, Status, parse_legal_name, parse_name, parse_tax_id},
    permission::COMPANY_UPDATE,
    store,
};

/// Changes of a company, as typed. Its place in the tree is changed by moving it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompanyEdit {
    /// What it is called; has no default.
    pub name: Edit<String>,
    /// The name in the register; by default none.
    pub legal_name: Edit<String>,
    /// The number at the tax office; by default none.
    pub tax_id: Edit<String>,
    /// Whether it is at work; by default it is.
    pub status: Edit<Status>,
}

impl CompanyEdit {
    /// The particulars after the edit; the errors tell of every field that is not valid.
    fn apply(self, before: &Particulars) -> Result<Particulars, FieldErrors> {
        let mut errors = FieldErrors::default();
        let name = match self.name {
            Edit::Keep => Ok(before.name.clone()),
            Edit::Reset => Err(FieldError::new("/name", FieldCode::Required)),
            Edit::To(text) => parse_name(&text),
        };
        let name = errors.check(name);
        let legal_name = errors.check(self.legal_name.try_map(|text| parse_legal_name(&text)));
        let tax_id = errors.check(self.tax_id.try_map(|text| parse_tax_id(&text)));
        let after = name.zip(legal_name).zip(tax_id).map(|((name, legal_name), tax_id)| Particulars {
            name,
            legal_name: legal_name.applied(before.legal_name.clone(), None),
            tax_id: tax_id.applied(before.tax_id.clone(), None),
            status: self.status.applied(before.status, Status::Active),
        });
        errors.into_result(after)
    }
}

impl Companies {
    /// Changes the company when it is at `expected`, where that is given, and answers it as it is then. An edit that
    /// changes nothing raises no version. Needs `company.update`.
    pub async fn update(
        &self,
        ctx: &RequestContext,
        id: CompanyId,
        expected: Option<i64>,
        edit: CompanyEdit,
    ) -> Result<Company, CompanyError> {
        self.db
            .write(ctx, async |tx| {
                self.require(tx, &COMPANY_UPDATE, id).await?;
                let before = store::lock(tx, id).await?.ok_or(CompanyError::NotFound)?;
                before.require_version(expected)?;
                let particulars = edit.clone().apply(&before.particulars)?;
                if particulars == before.particulars {
                    return Ok(before);
                }
                let after = Company { particulars, ..before.clone() }.changed(tx.now());
                store::update(tx, &after);
                self.audit.record(tx, updated(&before, &after));
                tx.publish(&CompanyUpdated { company_id: id, version: after.version });
                Ok(after)
            })
            .await
    }
}

impl Company {
    /// Fails when the company is at another version than the caller believes.
    pub(crate) fn require_version(&self, expected: Option<i64>) -> Result<(), CompanyError> {
        match expected {
            Some(expected) if expected != self.version => Err(CompanyError::VersionMismatch),
            _ => Ok(()),
        }
    }
}

fn updated(before: &Company, after: &Company) -> Activity {
    let (from, to) = (&before.particulars, &after.particulars);
    let changes = Changes::new()
        .public("name", Some(&from.name), Some(&to.name))
        .public("legal_name", from.legal_name.as_ref(), to.legal_name.as_ref())
        .personal("tax_id", from.tax_id.as_ref(), to.tax_id.as_ref())
        .public("status", Some(from.status.as_str()), Some(to.status.as_str()));
    Activity::new("company.updated", "company", after.id.0).company(after.id).label(&to.name).changes(changes)
}
