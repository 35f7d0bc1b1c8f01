use std::sync::Arc;

use ouvira_common::{
    permission::Scope,
    problem::{Code, Failure as _, FieldCode},
    tenant::PlacementMode,
    testing::fakes::{AllowAll, DenyAll, FixedRights, Told},
};
use ouvira_company::{
    CompanyFilter, NewCompany,
    permission::{COMPANY_CREATE, COMPANY_READ},
};

use crate::support::{House, any_company, code, first, named};

#[tokio::test]
async fn anybody_founds_a_root_and_owns_it_in_every_placement() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let new = NewCompany { legal_name: Some("Ada S.A.S.".to_owned()), ..named(" Ada ", None) };
        let company = house.companies_with(Arc::new(DenyAll)).create(&ctx, new).await.unwrap();
        assert_eq!((company.particulars.name.as_str(), company.version), ("Ada", 1));
        assert_eq!(house.companies().read(&ctx, company.id).await.unwrap(), company);
        let founder = ctx.user_id().unwrap();
        assert_eq!(house.tree.told(), [Told::Founded { company: company.id, parent: None, founder }]);
        assert_eq!(house.audit.actions(), ["company.created"]);
    }
}

#[tokio::test]
async fn a_root_is_founded_in_three_round_trips() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let (db, wire) = house.tenant.counted_db();
    let companies = house.companies_over(db, Arc::new(AllowAll));
    for name in ["A", "B"] {
        companies.create(&ctx, named(name, None)).await.unwrap();
    }
    let before = wire.flights();
    companies.create(&ctx, named("C", None)).await.unwrap();
    assert_eq!(wire.flights() - before, 3, "the gate with the row, what is deferred, COMMIT");
}

#[tokio::test]
async fn a_child_needs_the_permission_above_it_and_a_parent_that_can_be_seen() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let parent = house.found(&ctx, "Parent", None).await;
    let rights = Arc::new(FixedRights::default());
    let companies = house.companies_with(rights.clone());
    let child = || named("Child", Some(parent.id));

    let unseen = companies.create(&ctx, child()).await.unwrap_err();
    assert_eq!(unseen.code(), Code::UnknownReference);
    assert_eq!(unseen.fields()[0].pointer, "/parent_id");
    rights.give(COMPANY_READ, Scope::Company(parent.id));
    assert_eq!(code(companies.create(&ctx, child()).await), Code::PermissionDenied);
    rights.give(COMPANY_CREATE, Scope::Company(parent.id));
    let child = companies.create(&ctx, child()).await.unwrap();
    assert_eq!(child.parent, Some(parent.id));
    assert_eq!(
        code(house.companies().create(&ctx, named("X", Some(any_company()))).await),
        Code::UnknownReference
    );
}

#[tokio::test]
async fn siblings_have_different_names_however_they_are_spelled() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let acme = house.found(&ctx, "Acme", None).await;
    for name in ["Acme", " ACME ", "ＡＣＭＥ"] {
        assert_eq!(code(companies.create(&ctx, named(name, None)).await), Code::NameTaken, "{name}");
    }
    house.found(&ctx, "Acme", Some(&acme)).await;
    assert_eq!(code(companies.create(&ctx, named("acme", Some(acme.id))).await), Code::NameTaken);
}

#[tokio::test]
async fn one_of_many_who_take_a_name_at_once_gets_it() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let attempts = (0..8).map(|_| companies.create(&ctx, named("Acme", None)));
    let outcomes = futures_util::future::join_all(attempts).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.into_iter().filter_map(Result::err).all(|error| error.code() == Code::NameTaken));
}

#[tokio::test]
async fn who_is_no_user_founds_nothing_and_nothing_is_founded_from_bad_fields() {
    let house = House::new(PlacementMode::Shared).await;
    let companies = house.companies();
    assert_eq!(
        code(companies.create(&house.tenant.job(), named("Acme", None)).await),
        Code::PermissionDenied
    );
    let ctx = house.somebody().await;
    let error = companies.create(&ctx, named("", None)).await.unwrap_err();
    assert_eq!(error.fields()[0].code, FieldCode::Required);
    assert!(companies.list(&ctx, &CompanyFilter::default(), &first(1)).await.unwrap().items.is_empty());
    assert!(house.audit.actions().is_empty());
}
