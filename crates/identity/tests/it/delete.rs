use ouvira_common::{
    page::PageRequest,
    problem::{Code, Failure as _},
    testing::fakes::Told,
};
use ouvira_identity::{ListUsers, permission};

use crate::support::World;

#[tokio::test]
async fn a_deleted_user_is_found_no_more_and_free_to_begin_again() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    world.users.delete(&admin, ada.id, Some(1)).await.unwrap();
    assert_eq!(world.users.profile(&ctx).await.unwrap_err().code(), Code::TokenInvalid);
    assert_eq!(world.users.read(&admin, ada.id).await.unwrap_err().code(), Code::NotFound);
    assert!(world.holder("ada@example.com").await.is_none());
    let search = ListUsers { search: Some("ada".to_owned()), ..ListUsers::default() };
    assert!(world.users.list(&admin, search, &PageRequest::default()).await.unwrap().items.is_empty());
    assert_eq!(world.grants.told(), [Told::Left(ada.id)]);
    assert_eq!(world.users.delete(&admin, ada.id, None).await.unwrap_err().code(), Code::NotFound);

    let (again, _) = world.person("ada@example.com").await;
    assert_ne!(again.id, ada.id);
}

#[tokio::test]
async fn the_row_stays_for_the_log() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    world.users.delete(&admin, ada.id, None).await.unwrap();
    let rows =
        world.tenant.owner_rows(&format!("SELECT email, active FROM users WHERE id = '{}'", ada.id)).await;
    assert_eq!(rows, [serde_json::json!({"email": "ada@example.com", "active": false})]);
}

#[tokio::test]
async fn the_last_owner_and_who_is_above_the_caller_stay() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    world.grants.make_last_owner(ada.id);
    assert_eq!(world.users.delete(&ctx, ada.id, None).await.unwrap_err().code(), Code::LastOwner);
    let (grace, _) = world.person("grace@example.com").await;
    world.grants.put_out_of_reach(grace.id);
    assert_eq!(world.users.delete(&ctx, grace.id, None).await.unwrap_err().code(), Code::CannotGrant);
}

#[tokio::test]
async fn it_needs_the_permission_and_the_version() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let reader = world.users_who_may(&[permission::READ, permission::UPDATE]);
    assert_eq!(reader.delete(&ctx, ada.id, None).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(world.users.delete(&ctx, ada.id, Some(9)).await.unwrap_err().code(), Code::VersionMismatch);
    assert!(world.users.profile(&ctx).await.is_ok());
}
