use std::sync::Arc;

use ouvira_common::{
    id::CompanyId,
    page::PageRequest,
    permission::Scope,
    tenant::PlacementMode,
    testing::fakes::{DenyAll, FixedRights},
};
use ouvira_company::{
    CompanyEdit, CompanyFilter,
    model::{Edit, Status},
    permission::{COMPANY_READ, COMPANY_READ_ALL},
};

use crate::support::{House, any_company, first};

#[tokio::test]
async fn pages_follow_each_other_newest_first() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let mut founded: Vec<CompanyId> = Vec::new();
        for index in 0..7 {
            founded.push(house.found(&ctx, &format!("Company {index}"), None).await.id);
        }
        founded.reverse();
        let mut page = PageRequest { count: true, ..first(3) };
        let mut seen = Vec::new();
        loop {
            let found = house.companies().list(&ctx, &CompanyFilter::default(), &page).await.unwrap();
            assert_eq!(found.total, Some(7));
            seen.extend(found.items.iter().map(|company| company.id));
            page.after = found.next;
            if page.after.is_none() {
                break;
            }
        }
        assert_eq!(seen, founded);
    }
}

#[tokio::test]
async fn everybody_sees_their_own_and_who_may_read_all_sees_all() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let mine = house.found(&ctx, "Mine", None).await;
    house.found(&ctx, "Other", None).await;
    let hits = async |rights: FixedRights| {
        let companies = house.companies_with(Arc::new(rights));
        let found = companies.list(&ctx, &CompanyFilter::default(), &first(10)).await.unwrap();
        found.items.into_iter().map(|company| company.particulars.name).collect::<Vec<_>>()
    };
    assert_eq!(hits(FixedRights::of([(COMPANY_READ, Scope::Company(mine.id))])).await, ["Mine"]);
    assert_eq!(hits(FixedRights::of([(COMPANY_READ_ALL, Scope::Tenant)])).await, ["Other", "Mine"]);
    assert_eq!(hits(FixedRights::of([(COMPANY_READ_ALL, Scope::Company(mine.id))])).await, [""; 0]);
    let nobody = house.companies_with(Arc::new(DenyAll));
    assert!(nobody.list(&ctx, &CompanyFilter::default(), &first(10)).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn filters_narrow_and_words_are_found_by_their_beginnings() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let companies = house.companies();
    let acme = house.found(&ctx, "Acme Straßenbau", None).await;
    let north = house.found(&ctx, "Acme Nord", Some(&acme)).await;
    house.found(&ctx, "Émile & Co", None).await;
    let archived = CompanyEdit { status: Edit::To(Status::Archived), ..CompanyEdit::default() };
    companies.update(&ctx, north.id, None, archived).await.unwrap();

    let all = CompanyFilter::default();
    let search = |text: &str| CompanyFilter { search: Some(text.to_owned()), ..CompanyFilter::default() };
    for (filter, expected) in [
        (search("acm"), 2),
        (search("ACME nor"), 1),
        (search("straße"), 1),
        (search("cme"), 0),
        (search("émi co"), 1),
        (search("%"), 0),
        (search(""), 0),
        (CompanyFilter { parent: Some(acme.id), ..all.clone() }, 1),
        (CompanyFilter { parent: Some(any_company()), ..all.clone() }, 0),
        (CompanyFilter { status: Some(Status::Archived), ..all.clone() }, 1),
        (CompanyFilter { status: Some(Status::Active), ..search("acme") }, 1),
    ] {
        let found = companies.list(&ctx, &filter, &first(10)).await.unwrap();
        assert_eq!(found.items.len(), expected, "{filter:?}");
    }
}
