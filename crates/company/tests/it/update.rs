use std::sync::Arc;

use ouvira_common::{
    permission::Scope,
    problem::Code,
    tenant::PlacementMode,
    testing::fakes::{AllowAll, FixedRights},
};
use ouvira_company::{
    CompanyEdit, CompanyFilter,
    model::{Edit, Status},
    permission::{COMPANY_READ, COMPANY_UPDATE},
};

use crate::support::{House, any_company, code, first};

fn renamed(name: &str) -> CompanyEdit {
    CompanyEdit { name: Edit::To(name.to_owned()), ..CompanyEdit::default() }
}

#[tokio::test]
async fn a_change_raises_the_version_and_is_found_by_the_new_name_alone() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let companies = house.companies();
        let company = house.found(&ctx, "Before", None).await;
        let edit = CompanyEdit { tax_id: Edit::To("FR123".to_owned()), ..renamed("After") };
        let changed = companies.update(&ctx, company.id, Some(1), edit.clone()).await.unwrap();
        assert_eq!((changed.particulars.name.as_str(), changed.version), ("After", 2));
        assert_eq!(companies.read(&ctx, company.id).await.unwrap(), changed);
        assert_eq!(house.audit.actions(), ["company.created", "company.updated"]);
        for (search, hits) in [("before", 0), ("after", 1), ("fr123", 1)] {
            let filter = CompanyFilter { search: Some(search.to_owned()), ..CompanyFilter::default() };
            assert_eq!(
                companies.list(&ctx, &filter, &first(10)).await.unwrap().items.len(),
                hits,
                "{search}"
            );
        }

        let again = companies.update(&ctx, company.id, Some(2), edit).await.unwrap();
        assert_eq!(again.version, 2, "nothing changed");
        let reset =
            CompanyEdit { tax_id: Edit::Reset, status: Edit::To(Status::Archived), ..CompanyEdit::default() };
        let reset = companies.update(&ctx, company.id, None, reset).await.unwrap();
        assert_eq!((reset.particulars.tax_id, reset.particulars.status), (None, Status::Archived));
    }
}

#[tokio::test]
async fn two_edits_of_one_version_have_one_winner() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let company = house.found(&ctx, "Acme", None).await;
    let names: Vec<String> = (0..6).map(|index| format!("Acme {index}")).collect();
    let edits = names.iter().map(|name| companies.update(&ctx, company.id, Some(1), renamed(name)));
    let outcomes = futures_util::future::join_all(edits).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(outcome), Code::VersionMismatch);
    }
}

#[tokio::test]
async fn a_rename_to_a_siblings_name_changes_nothing() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    house.found(&ctx, "Acme", None).await;
    let other = house.found(&ctx, "Other", None).await;
    assert_eq!(code(house.companies().update(&ctx, other.id, None, renamed("ACME")).await), Code::NameTaken);
    assert_eq!(house.companies().read(&ctx, other.id).await.unwrap(), other);
}

#[tokio::test]
async fn not_seeing_it_is_not_found_and_seeing_it_without_the_right_is_denied() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await;
    let rights = Arc::new(FixedRights::default());
    let companies = house.companies_with(rights.clone());
    assert_eq!(code(companies.read(&ctx, company.id).await), Code::NotFound);
    assert_eq!(code(companies.update(&ctx, company.id, None, renamed("X")).await), Code::NotFound);
    rights.give(COMPANY_READ, Scope::Company(company.id));
    assert_eq!(code(companies.update(&ctx, company.id, None, renamed("X")).await), Code::PermissionDenied);
    rights.give(COMPANY_UPDATE, Scope::Company(company.id));
    assert!(companies.update(&ctx, company.id, None, renamed("X")).await.is_ok());
    assert_eq!(code(house.companies().update(&ctx, any_company(), None, renamed("X")).await), Code::NotFound);
    assert_eq!(
        code(
            companies
                .update(&ctx, company.id, None, CompanyEdit { name: Edit::Reset, ..CompanyEdit::default() })
                .await
        ),
        Code::ValidationFailed
    );
}

#[tokio::test]
async fn reading_and_listing_are_one_round_trip_and_a_change_is_three() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await;
    let (db, wire) = house.tenant.counted_db();
    let companies = house.companies_over(db, Arc::new(AllowAll));
    for name in ["A", "B"] {
        companies.read(&ctx, company.id).await.unwrap();
        companies.list(&ctx, &CompanyFilter::default(), &first(20)).await.unwrap();
        companies.update(&ctx, company.id, None, renamed(name)).await.unwrap();
    }
    let before = wire.flights();
    companies.update(&ctx, company.id, None, renamed("C")).await.unwrap();
    assert_eq!(wire.flights() - before, 3);
    let before = wire.flights();
    companies.read(&ctx, company.id).await.unwrap();
    assert_eq!(wire.flights() - before, 1);
}
