use std::sync::Arc;

use chrono::Duration;
use ouvira_common::{
    permission::Scope,
    problem::Code,
    tenant::PlacementMode,
    testing::fakes::{FixedRights, Told},
};
use ouvira_company::{
    CompanyFilter,
    permission::{COMPANY_DELETE, COMPANY_READ},
};

use crate::support::{House, code, first, named};

#[tokio::test]
async fn a_deleted_company_is_gone_until_it_is_restored() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let companies = house.companies();
        let company = house.found(&ctx, "Acme", None).await;
        assert_eq!(code(companies.delete(&ctx, company.id, Some(7)).await), Code::VersionMismatch);
        assert_eq!(code(companies.restore(&ctx, company.id).await), Code::Conflict);
        companies.delete(&ctx, company.id, Some(1)).await.unwrap();
        assert_eq!(code(companies.read(&ctx, company.id).await), Code::NotFound);
        assert_eq!(code(companies.delete(&ctx, company.id, None).await), Code::NotFound);
        assert!(companies.list(&ctx, &CompanyFilter::default(), &first(10)).await.unwrap().items.is_empty());

        let back = companies.restore(&ctx, company.id).await.unwrap();
        assert_eq!(back.version, 2);
        assert_eq!(companies.read(&ctx, company.id).await.unwrap(), back);
        assert_eq!(house.audit.actions(), ["company.created", "company.deleted", "company.restored"]);
        assert_eq!(house.tree.told()[1..], [Told::Removed(company.id), Told::Restored(company.id)]);
    }
}

#[tokio::test]
async fn one_with_children_stays() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let parent = house.found(&ctx, "Parent", None).await;
    let child = house.found(&ctx, "Child", Some(&parent)).await;
    assert_eq!(code(companies.delete(&ctx, parent.id, None).await), Code::HasChildren);
    companies.delete(&ctx, child.id, None).await.unwrap();
    companies.delete(&ctx, parent.id, None).await.unwrap();
    assert_eq!(code(companies.restore(&ctx, child.id).await), Code::Conflict, "its parent is gone");
    companies.restore(&ctx, parent.id).await.unwrap();
    companies.restore(&ctx, child.id).await.unwrap();
}

#[tokio::test]
async fn a_parent_deleted_while_a_child_is_founded_leaves_one_of_both_undone() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    for round in 0..5 {
        let parent = house.found(&ctx, &format!("Parent {round}"), None).await;
        let (deleted, founded) = futures_util::join!(
            companies.delete(&ctx, parent.id, None),
            companies.create(&ctx, named("Child", Some(parent.id)))
        );
        match (deleted, founded) {
            (Ok(()), refused) => assert_eq!(code(refused), Code::UnknownReference),
            (refused, Ok(_)) => assert_eq!(code(refused), Code::HasChildren),
            both => panic!("both were refused: {both:?}"),
        }
    }
}

#[tokio::test]
async fn restoring_is_for_who_held_the_right_and_only_for_a_while() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let company = house.found(&ctx, "Acme", None).await;
    companies.delete(&ctx, company.id, None).await.unwrap();
    let rights = Arc::new(FixedRights::of([(COMPANY_READ, Scope::Removed(company.id))]));
    let member = house.companies_with(rights.clone());
    assert_eq!(code(member.restore(&ctx, company.id).await), Code::NotFound);
    rights.give(COMPANY_DELETE, Scope::Removed(company.id));
    house.tenant.clock().advance(Duration::days(31));
    let late = house.tenant.with_pass(ctx.principal(), ctx.pass());
    assert_eq!(code(member.restore(&late, company.id).await), Code::NotFound);
    assert!(member.restore(&ctx, company.id).await.is_ok());
}

#[tokio::test]
async fn a_name_taken_meanwhile_keeps_it_deleted() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let company = house.found(&ctx, "Acme", None).await;
    companies.delete(&ctx, company.id, None).await.unwrap();
    house.found(&ctx, "acme", None).await;
    assert_eq!(code(companies.restore(&ctx, company.id).await), Code::NameTaken);
}

#[tokio::test]
async fn who_sees_it_without_the_right_is_denied() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let company = house.found(&ctx, "Acme", None).await;
    let member =
        house.companies_with(Arc::new(FixedRights::of([(COMPANY_READ, Scope::Company(company.id))])));
    assert_eq!(code(member.delete(&ctx, company.id, None).await), Code::PermissionDenied);
}
