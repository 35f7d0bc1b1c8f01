use std::sync::Arc;

use ouvira_common::{permission::Scope, problem::Code, tenant::PlacementMode, testing::fakes::FixedRights};
use ouvira_company::{
    model::Company,
    permission::{COMPANY_READ, COMPANY_UPDATE},
};

use crate::support::{House, any_company, code};

#[tokio::test]
async fn a_company_moves_with_all_below_it_but_never_below_itself() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let companies = house.companies();
        let a = house.found(&ctx, "A", None).await;
        let b = house.found(&ctx, "B", Some(&a)).await;
        let c = house.found(&ctx, "C", Some(&b)).await;
        for below in [a.id, b.id, c.id] {
            assert_eq!(code(companies.relocate(&ctx, a.id, Some(below)).await), Code::CompanyCycle);
        }
        assert_eq!(code(companies.relocate(&ctx, a.id, Some(any_company())).await), Code::UnknownReference);
        let root = companies.relocate(&ctx, b.id, None).await.unwrap();
        assert_eq!((root.parent, root.version), (None, 2));
        assert_eq!(companies.relocate(&ctx, b.id, None).await.unwrap().version, 2, "it is there already");
        assert_eq!(companies.relocate(&ctx, a.id, Some(c.id)).await.unwrap().parent, Some(c.id));
    }
}

#[tokio::test]
async fn moves_at_once_never_make_a_cycle() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    for round in 0..5 {
        let mut ring: Vec<Company> = Vec::new();
        for index in 0..4 {
            ring.push(house.found(&ctx, &format!("{round}-{index}"), None).await);
        }
        let moves =
            (0..4).map(|index| companies.relocate(&ctx, ring[index].id, Some(ring[(index + 1) % 4].id)));
        let outcomes = futures_util::future::join_all(moves).await;
        let refused: Vec<_> = outcomes.into_iter().filter(Result::is_err).collect();
        assert_eq!(refused.len(), 1, "the last one would close the ring");
        for outcome in refused {
            assert_eq!(code(outcome), Code::CompanyCycle);
        }
    }
}

#[tokio::test]
async fn a_move_needs_the_right_at_the_company_and_at_both_ends() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let from = house.found(&ctx, "From", None).await;
    let to = house.found(&ctx, "To", None).await;
    let company = house.found(&ctx, "Company", Some(&from)).await;
    let rights = Arc::new(FixedRights::of([(COMPANY_READ, Scope::Company(company.id))]));
    let companies = house.companies_with(rights.clone());
    let attempt = || companies.relocate(&ctx, company.id, Some(to.id));
    assert_eq!(code(attempt().await), Code::PermissionDenied);
    rights.give(COMPANY_UPDATE, Scope::Company(company.id));
    assert_eq!(code(attempt().await), Code::UnknownReference);
    rights.give(COMPANY_READ, Scope::Company(to.id));
    assert_eq!(code(attempt().await), Code::PermissionDenied);
    rights.give(COMPANY_UPDATE, Scope::Company(to.id));
    assert_eq!(code(attempt().await), Code::PermissionDenied);
    rights.give(COMPANY_UPDATE, Scope::Company(from.id));
    assert_eq!(attempt().await.unwrap().parent, Some(to.id));
}

#[tokio::test]
async fn a_sibling_of_that_name_at_the_new_place_keeps_it_where_it_is() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let parent = house.found(&ctx, "Parent", None).await;
    house.found(&ctx, "Twin", Some(&parent)).await;
    let twin = house.found(&ctx, "twin", None).await;
    assert_eq!(code(house.companies().relocate(&ctx, twin.id, Some(parent.id)).await), Code::NameTaken);
}
