//! A tree of many companies, wide and deep: what a use case reads does not grow with it. Rows are counted by Postgres, as the
//! serving role reads them.

use std::sync::Arc;

use ouvira_common::{
    db::Db,
    id::CompanyId,
    permission::Scope,
    ports::PermissionChecker,
    tenant::PlacementMode,
    testing::fakes::{AllowAll, FixedRights},
};
use ouvira_company::{
    CompanyEdit, CompanyFilter,
    model::{Edit, Status},
    permission::COMPANY_READ,
    settings::SettingsEdit,
};
use uuid::Uuid;

use crate::support::{House, first, named};

/// Directly below one company.
const WIDE: u32 = 10_000;
/// One below the other.
const DEEP: u32 = 10;
/// How many rows a use case may read.
const FEW: i64 = 600;

const ROOT: CompanyId = CompanyId(Uuid::from_u128(1));
/// The deepest.
const LAST: CompanyId = CompanyId(Uuid::from_u128(1_000_000 + DEEP as u128));

async fn plant(house: &House) {
    let id = |number: &str| format!("lpad(to_hex({number}), 32, '0')::uuid");
    house
        .tenant
        .owner_sql(&format!(
            "INSERT INTO companies (id, name, name_folded) VALUES ({root}, 'Root', 'root');
             INSERT INTO companies (id, name, name_folded, parent_id, status)
               SELECT {wide}, 'Branch ' || n, 'branch ' || n, {root},
                      CASE WHEN n % 1000 = 0 THEN 'archived' ELSE 'active' END
                 FROM generate_series(1, {WIDE}) n;
             INSERT INTO companies (id, name, name_folded, parent_id)
               SELECT {deep}, 'Level ' || n, 'level ' || n, CASE WHEN n = 1 THEN {root} ELSE {above} END
                 FROM generate_series(1, {DEEP}) n;
             INSERT INTO company_words (word, company_id)
               SELECT word, id FROM companies, unnest(string_to_array(name_folded, ' ')) word;
             ANALYZE companies; ANALYZE company_words",
            root = id("1"),
            wide = id("1000 + n"),
            deep = id("1000000 + n"),
            above = id("1000000 + n - 1"),
        ))
        .await;
}

async fn assert_reads(house: &House, db: &Db, most: i64, what: &str, before: i64) {
    let read = house.tenant.rows_read(db).await - before;
    assert!(read <= most, "{what} reads {read} rows");
}

#[tokio::test]
async fn lists_and_trees_read_what_they_show() {
    let house = House::new(PlacementMode::Schema).await;
    plant(&house).await;
    let ctx = house.somebody().await;
    let db = house.tenant.another_db(1);
    let some = FixedRights::default();
    for number in 0..50 {
        some.give(COMPANY_READ, Scope::Company(CompanyId(Uuid::from_u128(1000 + number * 150 + 1))));
    }
    let everybody: [(&str, Arc<dyn PermissionChecker>); 2] =
        [("all of them", Arc::new(AllowAll)), ("some of them", Arc::new(some))];
    for (who, rights) in everybody {
        let companies = house.companies_over(db.clone(), rights);
        let searched =
            |text: &str| CompanyFilter { search: Some(text.to_owned()), ..CompanyFilter::default() };
        for (what, filter) in [
            ("the newest", CompanyFilter::default()),
            ("children of one", CompanyFilter { parent: Some(ROOT), ..CompanyFilter::default() }),
            ("the archived", CompanyFilter { status: Some(Status::Archived), ..CompanyFilter::default() }),
            ("the active", CompanyFilter { status: Some(Status::Active), ..CompanyFilter::default() }),
            ("one by its name", searched("7017")),
            ("none", searched("zuse")),
            (
                "archived children",
                CompanyFilter { parent: Some(ROOT), status: Some(Status::Archived), search: None },
            ),
        ] {
            // Often enough for Postgres to settle on a plan that does not know the values.
            for _ in 0..8 {
                companies.list(&ctx, &filter, &first(5)).await.unwrap();
            }
            let before = house.tenant.rows_read(&db).await;
            companies.list(&ctx, &filter, &first(5)).await.unwrap();
            assert_reads(&house, &db, FEW, &format!("listing {what} to who sees {who}"), before).await;
        }
    }
}

#[tokio::test]
async fn what_is_done_with_one_company_reads_a_few_rows() {
    let house = House::new(PlacementMode::Schema).await;
    plant(&house).await;
    let ctx = house.somebody().await;
    let db = house.tenant.another_db(1);
    let companies = house.companies_over(db.clone(), Arc::new(AllowAll));

    let before = house.tenant.rows_read(&db).await;
    let tree = companies.tree(&ctx, ROOT).await.unwrap();
    assert_eq!((tree.children.len(), tree.has_more), (100, true));
    // A hundred children, and of each whether there is something below it.
    assert_reads(&house, &db, 3000, "a tree", before).await;

    let before = house.tenant.rows_read(&db).await;
    companies.read(&ctx, LAST).await.unwrap();
    assert_reads(&house, &db, FEW, "reading", before).await;
    let before = house.tenant.rows_read(&db).await;
    companies.create(&ctx, named("Twig", Some(LAST))).await.unwrap();
    assert_reads(&house, &db, FEW, "founding below the deepest", before).await;
    let before = house.tenant.rows_read(&db).await;
    companies.relocate(&ctx, LAST, Some(CompanyId(Uuid::from_u128(1001)))).await.unwrap();
    assert_reads(&house, &db, FEW, "moving", before).await;
    let edit = CompanyEdit { name: Edit::To("Leaf".to_owned()), ..CompanyEdit::default() };
    let before = house.tenant.rows_read(&db).await;
    companies.update(&ctx, LAST, None, edit).await.unwrap();
    assert_reads(&house, &db, FEW, "renaming", before).await;
    let edit = SettingsEdit { require_two_factor: Edit::To(true), ..SettingsEdit::default() };
    let before = house.tenant.rows_read(&db).await;
    companies.update_settings(&ctx, LAST, None, edit).await.unwrap();
    assert_reads(&house, &db, FEW, "its settings", before).await;
    let leaf = CompanyId(Uuid::from_u128(2000));
    let before = house.tenant.rows_read(&db).await;
    companies.delete(&ctx, leaf, None).await.unwrap();
    companies.restore(&ctx, leaf).await.unwrap();
    assert_reads(&house, &db, FEW, "deleting and restoring", before).await;
}

/// Each in as many statements for one row as for many.
#[tokio::test]
async fn no_list_asks_once_for_each_of_its_rows() {
    let house = House::new(PlacementMode::Schema).await;
    plant(&house).await;
    let ctx = house.somebody().await;
    let (db, wire) = house.tenant.counted_db();
    let companies = house.companies_over(db, Arc::new(AllowAll));
    let mut counts = Vec::new();
    for limit in [1, 1, 100] {
        companies.read(&ctx, ROOT).await.unwrap();
        let before = wire.flights();
        companies.list(&ctx, &CompanyFilter::default(), &first(limit)).await.unwrap();
        counts.push(wire.flights() - before);
    }
    assert_eq!(counts[1..], [1, 1]);
    for company in [LAST, ROOT, LAST, ROOT] {
        companies.read(&ctx, ROOT).await.unwrap();
        let before = wire.flights();
        companies.tree(&ctx, company).await.unwrap();
        counts.push(wire.flights() - before);
    }
    assert_eq!(counts[5..], [1, 1], "a tree is one statement, however many it shows");
}
