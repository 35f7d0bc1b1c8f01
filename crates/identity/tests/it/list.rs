use ouvira_common::{
    context::RequestContext,
    page::{Limit, Page, PageRequest},
    problem::{Code, Failure as _},
};
use ouvira_identity::{Edit, ListUsers, NewUser, Sort, User, UserEdit, permission};

use crate::support::{World, new_user};

/// An administrator, who has no user here, and five people.
async fn five() -> (World, RequestContext) {
    let world = World::new().await;
    let admin = world.admin().await;
    for (name, email) in [
        ("José García", "jose@example.com"),
        ("Grace Hopper", "grace@navy.example"),
        ("Jean-Pierre Serre", "bourbaki@example.com"),
        ("Alan Turing", "alan@example.com"),
        ("Ada Lovelace", "ada@example.com"),
    ] {
        let (first, last) = name.split_once(' ').expect("two names");
        let new = NewUser { first_name: Some(first.into()), last_name: Some(last.into()), ..new_user(email) };
        world.users.create(&admin, new).await.expect("the address is free");
    }
    (world, admin)
}

fn names(page: &Page<User>) -> Vec<&str> {
    page.items.iter().map(|user| user.first_name.as_str()).collect()
}

async fn all_pages(world: &World, ctx: &RequestContext, list: &ListUsers) -> Vec<String> {
    let mut request = PageRequest { limit: Limit::new(2).expect("a limit"), ..PageRequest::default() };
    let mut found = Vec::new();
    loop {
        let page = world.users.list(ctx, list.clone(), &request).await.expect("a page");
        assert!(page.items.len() <= 2);
        found.extend(names(&page).into_iter().map(str::to_owned));
        match page.next {
            Some(next) => request.after = Some(next),
            None => return found,
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other_in_every_order() {
    let (world, admin) = five().await;
    for (sort, expected) in [
        (Sort::Newest, ["Ada", "Alan", "Jean-Pierre", "Grace", "José"]),
        (Sort::Oldest, ["José", "Grace", "Jean-Pierre", "Alan", "Ada"]),
        (Sort::Email, ["Ada", "Alan", "Jean-Pierre", "Grace", "José"]),
    ] {
        let list = ListUsers { sort, ..ListUsers::default() };
        assert_eq!(all_pages(&world, &admin, &list).await, expected, "{sort:?}");
    }
}

#[tokio::test]
async fn people_are_found_by_how_their_words_begin() {
    let (world, admin) = five().await;
    for (search, expected) in [
        ("jose", vec!["José"]),
        ("GARC", vec!["José"]),
        ("pierre", vec!["Jean-Pierre"]),
        ("ada love", vec!["Ada"]),
        ("a", vec!["Ada", "Alan"]),
        ("navy", vec!["Grace"]),
        ("alan@example.com", vec!["Alan"]),
        ("ada turing", vec![]),
        ("%", vec![]),
        ("  ", vec!["Ada", "Alan", "Jean-Pierre", "Grace", "José"]),
    ] {
        let list = ListUsers { search: Some(search.to_owned()), ..ListUsers::default() };
        assert_eq!(all_pages(&world, &admin, &list).await, expected, "{search}");
    }
}

#[tokio::test]
async fn somebody_renamed_is_found_by_the_new_name_only() {
    let (world, admin) = five().await;
    let found = |search: &str| ListUsers { search: Some(search.to_owned()), ..ListUsers::default() };
    let page = world.users.list(&admin, found("hopper"), &PageRequest::default()).await.unwrap();
    let mut edit = UserEdit::default();
    edit.profile.last_name = Edit::To("Murray".to_owned());
    world.users.update(&admin, page.items[0].id, edit, None).await.unwrap();
    assert!(all_pages(&world, &admin, &found("hopper")).await.is_empty());
    assert_eq!(all_pages(&world, &admin, &found("murray")).await, ["Grace"]);
    assert_eq!(all_pages(&world, &admin, &found("grace")).await, ["Grace"]);
}

#[tokio::test]
async fn only_the_active_or_only_the_others() {
    let (world, admin) = five().await;
    let alan = ListUsers { search: Some("alan".to_owned()), ..ListUsers::default() };
    let alan = world.users.list(&admin, alan, &PageRequest::default()).await.unwrap().items[0].id;
    let off = UserEdit { active: Edit::To(false), ..UserEdit::default() };
    world.users.update(&admin, alan, off, None).await.unwrap();
    for (active, expected) in [(true, vec!["Ada", "Jean-Pierre", "Grace", "José"]), (false, vec!["Alan"])] {
        let list = ListUsers { active: Some(active), ..ListUsers::default() };
        assert_eq!(all_pages(&world, &admin, &list).await, expected);
    }
}

#[tokio::test]
async fn the_total_is_counted_when_asked_for() {
    let (world, admin) = five().await;
    let list = ListUsers { search: Some("example.com".to_owned()), ..ListUsers::default() };
    let counted = PageRequest { limit: Limit::new(1).unwrap(), count: true, after: None };
    let page = world.users.list(&admin, list.clone(), &counted).await.unwrap();
    assert_eq!((page.items.len(), page.total), (1, Some(4)));
    let uncounted = world.users.list(&admin, list, &PageRequest::default()).await.unwrap();
    assert_eq!(uncounted.total, None);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let (world, admin) = five().await;
    let page = PageRequest { after: Some(serde_json::json!({"name": "x"})), ..PageRequest::default() };
    let error = world.users.list(&admin, ListUsers::default(), &page).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidParameter);
}

#[tokio::test]
async fn it_needs_the_permission() {
    let (world, admin) = five().await;
    let nobody = world.users_who_may(&[permission::UPDATE]);
    let error = nobody.list(&admin, ListUsers::default(), &PageRequest::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
}
