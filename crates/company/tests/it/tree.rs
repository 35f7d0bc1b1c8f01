use std::sync::Arc;

use ouvira_common::{permission::Scope, problem::Code, tenant::PlacementMode, testing::fakes::FixedRights};
use ouvira_company::{Branch, TREE_WIDTH, permission::COMPANY_READ};

use crate::support::{House, any_company, code};

/// `A(B(C) D)…`: names, nested; `+` where there is more.
fn drawn(branch: &Branch) -> String {
    let children: Vec<String> = branch.children.iter().map(drawn).collect();
    let more = if branch.has_more { "+" } else { "" };
    let below = if children.is_empty() { String::new() } else { format!("({})", children.join(" ")) };
    format!("{}{below}{more}", branch.company.particulars.name)
}

#[tokio::test]
async fn five_levels_are_shown_by_name_and_more_is_announced() {
    for mode in PlacementMode::ALL {
        let house = House::new(mode).await;
        let ctx = house.somebody().await;
        let root = house.found(&ctx, "0", None).await;
        let mut above = root.clone();
        for level in 1..=6 {
            above = house.found(&ctx, &level.to_string(), Some(&above)).await;
        }
        let b = house.found(&ctx, "b", Some(&root)).await;
        house.found(&ctx, "a", Some(&root)).await;
        house.found(&ctx, "c", Some(&b)).await;
        let tree = house.companies().tree(&ctx, root.id).await.unwrap();
        assert_eq!(drawn(&tree), "0(1(2(3(4(5+)))) a b(c))");
        assert_eq!(code(house.companies().tree(&ctx, any_company()).await), Code::NotFound);
    }
}

#[tokio::test]
async fn a_wide_company_shows_its_first_hundred() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let root = house.found(&ctx, "Root", None).await;
    let tenant = house.tenant.tenant().id;
    house
        .tenant
        .owner_sql(&format!(
            "INSERT INTO companies (tenant_id, id, name, name_folded, parent_id) \
             SELECT '{tenant}', gen_random_uuid(), 'n' || lpad(n::text, 4, '0'), 'n' || lpad(n::text, 4, '0'), '{}' \
               FROM generate_series(1, 300) n",
            root.id
        ))
        .await;
    let tree = house.companies().tree(&ctx, root.id).await.unwrap();
    assert_eq!(i64::try_from(tree.children.len()).unwrap(), TREE_WIDTH);
    assert!(tree.has_more);
    assert_eq!(tree.children[0].company.particulars.name, "n0001");
    assert!(tree.children.iter().all(|branch| !branch.has_more));
}

#[tokio::test]
async fn only_what_the_caller_may_see_is_shown() {
    let house = House::new(PlacementMode::Shared).await;
    let ctx = house.somebody().await;
    let root = house.found(&ctx, "Root", None).await;
    let seen = house.found(&ctx, "Seen", Some(&root)).await;
    house.found(&ctx, "Unseen", Some(&root)).await;
    let rights = Arc::new(FixedRights::of([
        (COMPANY_READ, Scope::Company(root.id)),
        (COMPANY_READ, Scope::Company(seen.id)),
    ]));
    let tree = house.companies_with(rights).tree(&ctx, root.id).await.unwrap();
    assert_eq!(drawn(&tree), "Root(Seen)");
}
