use ouvira_common::{
    problem::{Code, Failure as _},
    testing::fakes::Told,
};
use ouvira_identity::{Edit, ProfileEdit, UserEdit, permission};

use crate::support::{World, email};

fn named(name: &str) -> UserEdit {
    let profile = ProfileEdit { first_name: Edit::To(name.to_owned()), ..ProfileEdit::default() };
    UserEdit { profile, ..UserEdit::default() }
}

fn mailed(email: &str) -> UserEdit {
    UserEdit { email: Edit::To(email.to_owned()), ..UserEdit::default() }
}

fn switched(on: bool) -> UserEdit {
    UserEdit { active: Edit::To(on), ..UserEdit::default() }
}

#[tokio::test]
async fn an_administrator_changes_names() {
    let world = World::new().await;
    let admin = world.admin().await;
    let user = world.create(&admin, "grace@example.com").await.unwrap();
    let changed = world.users.update(&admin, user.id, named("Grace"), Some(1)).await.unwrap();
    assert_eq!((changed.first_name.as_str(), changed.version), ("Grace", 2));
    let error = world.users.update(&admin, user.id, named("Hopper"), Some(1)).await.unwrap_err();
    assert_eq!(error.code(), Code::VersionMismatch);
}

#[tokio::test]
async fn a_mistyped_address_is_corrected_and_mailed_again() {
    let world = World::new().await;
    let admin = world.admin().await;
    let user = world.create(&admin, "garce@example.com").await.unwrap();
    world.users.update(&admin, user.id, mailed("grace@example.com"), None).await.unwrap();
    assert_eq!(world.person_now(user.id).await.unwrap().email, Some(email("grace@example.com")));
    assert_eq!(world.topics().await.last().map(String::as_str), Some("user.invited_to_set_password.v1"));
    assert!(world.create(&admin, "garce@example.com").await.is_ok(), "the wrong one is free again");
}

#[tokio::test]
async fn an_address_of_another_user_is_taken() {
    let world = World::new().await;
    let (_, admin) = world.person("ada@example.com").await;
    let user = world.create(&admin, "grace@example.com").await.unwrap();
    let error = world.users.update(&admin, user.id, mailed("ada@example.com"), None).await.unwrap_err();
    assert_eq!(error.code(), Code::EmailTaken);
}

#[tokio::test]
async fn nobody_takes_over_an_account_through_its_address() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    for edit in [
        mailed("mallory@example.com"),
        UserEdit { email: Edit::Reset, ..UserEdit::default() },
        UserEdit { phone: Edit::To("+33612345678".to_owned()), ..UserEdit::default() },
    ] {
        let error = world.users.update(&admin, ada.id, edit, None).await.unwrap_err();
        assert_eq!(error.code(), Code::AddressVerified);
    }
    let unproven = world.create(&admin, "owner@example.com").await.unwrap();
    world.grants.put_out_of_reach(unproven.id);
    let error =
        world.users.update(&admin, unproven.id, mailed("mallory@example.com"), None).await.unwrap_err();
    assert_eq!(error.code(), Code::CannotGrant);
    assert!(world.users.update(&admin, unproven.id, named("Olga"), None).await.is_ok());
}

#[tokio::test]
async fn what_was_read_can_be_sent_back() {
    let world = World::new().await;
    let (ada, _) = world.person("Ada@example.com").await;
    let admin = world.admin().await;
    let same = UserEdit { phone: Edit::Reset, active: Edit::To(true), ..mailed("Ada@example.com") };
    assert_eq!(world.users.update(&admin, ada.id, same, None).await.unwrap().version, 1);
}

#[tokio::test]
async fn a_deactivated_user_is_out_at_once_and_back_after_a_new_sign_in() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    let off = world.users.update(&admin, ada.id, switched(false), None).await.unwrap();
    assert!(!off.active);
    assert_eq!(world.users.profile(&ctx).await.unwrap_err().code(), Code::TokenInvalid);
    assert_eq!(world.sessions.ended(), [ada.id]);
    assert_eq!(world.audit.actions().last(), Some(&"user.deactivated"));

    world.users.update(&admin, ada.id, switched(true), None).await.unwrap();
    assert_eq!(
        world.users.profile(&ctx).await.unwrap_err().code(),
        Code::TokenInvalid,
        "the old session stays ended"
    );
    let anew = world.session_of(ada.id).await;
    assert!(world.users.profile(&anew).await.unwrap().active);
    assert_eq!(world.audit.actions().last(), Some(&"user.reactivated"));
}

#[tokio::test]
async fn the_last_owner_stays_on() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    world.grants.make_last_owner(ada.id);
    let error = world.users.update(&ctx, ada.id, switched(false), None).await.unwrap_err();
    assert_eq!(error.code(), Code::LastOwner);
    assert!(world.users.profile(&ctx).await.unwrap().active);
    assert_eq!(world.grants.told(), Vec::<Told>::new());
}

#[tokio::test]
async fn it_needs_the_permission_and_readers_are_told_so() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let reader = world.users_who_may(&[permission::READ]);
    assert_eq!(
        reader.update(&ctx, ada.id, named("A"), None).await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let nobody = world.users_who_may(&[]);
    assert_eq!(nobody.update(&ctx, ada.id, named("A"), None).await.unwrap_err().code(), Code::NotFound);
}
