//! The measurements, by the numbers they have in the list of aims.

mod beside;
mod check;
mod compare;
mod concurrency;
mod create_company;
mod generator;
mod growth;
mod list_companies;
mod login;
mod many_tenants;
mod profile;
mod provision;
mod refresh;
mod session;
mod start_and_memory;
mod timing;

use async_trait::async_trait;

use self::compare::median;
pub(crate) use self::compare::{Comparison, CpuPerRequest, Pair, Run, Side};
use crate::{error::BenchError, report::Finding, stage::Stage};

/// Something that is measured.
#[async_trait(?Send)]
pub(crate) trait Measurement {
    /// What `--only` calls it.
    fn id(&self) -> &'static str;

    /// What is measured, in a few words.
    fn title(&self) -> &'static str;

    /// Takes it, in a minute or so, and adds what it finds as it finds it.
    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError>;
}

/// All of them, in the order of their numbers. The generator's own cost comes first, since it is part of every other.
const ALL: &[&dyn Measurement] = &[
    &generator::Generator,
    &profile::Profile,
    &list_companies::ListCompanies,
    &create_company::CreateCompany,
    &login::Login,
    &refresh::Refresh,
    &check::Check,
    &session::Session,
    &provision::Provision,
    &many_tenants::ManyTenants,
    &start_and_memory::StartAndMemory,
    &growth::Growth,
    &timing::Timing,
    &concurrency::Concurrency,
];

/// Those that `only` names, all when it names none.
pub(crate) fn chosen(only: &[String]) -> Result<Vec<&'static dyn Measurement>, BenchError> {
    let named = |id: &str| ALL.iter().copied().find(|measurement| measurement.id().eq_ignore_ascii_case(id));
    if only.is_empty() {
        return Ok(ALL.to_vec());
    }
    only.iter().map(|id| named(id).ok_or_else(|| BenchError::UnknownMeasurement(id.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measurements_are_chosen_by_their_numbers() {
        let chosen = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(ToString::to_string).collect();
            super::chosen(&only).map(|all| all.iter().map(|one| one.id()).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&["p3", "P1"]).unwrap(), ["P3", "P1"]);
        assert_eq!(chosen(&[]).unwrap().len(), ALL.len());
        assert_eq!(chosen(&["P99"]).unwrap_err().to_string(), "there is no measurement P99");
    }
}
