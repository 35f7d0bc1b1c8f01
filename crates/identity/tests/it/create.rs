use ouvira_common::{
    id::RoleId,
    locale::Locale,
    problem::{Code, Failure as _},
    testing::fakes::Told,
};
use ouvira_identity::{AddressStanding, NewUser, permission};
use uuid::Uuid;

use crate::support::{World, new_user, wrong_fields};

#[tokio::test]
async fn a_new_user_is_on_record_and_asked_to_set_a_password() {
    let world = World::new().await;
    let admin = world.admin().await;
    let new = NewUser {
        email: "Grace@Example.com".to_owned(),
        phone: Some("+33 6 12 34 56 78".to_owned()),
        first_name: Some("Grace".to_owned()),
        last_name: Some("Hopper".to_owned()),
        locale: Some(Locale::Fr),
        role_ids: Vec::new(),
    };
    let user = world.users.create(&admin, new).await.unwrap();
    assert_eq!(user.email.as_ref().map(|contact| contact.address.as_str()), Some("Grace@Example.com"));
    assert_eq!(user.email.as_ref().map(|contact| contact.standing), Some(AddressStanding::OnRecord));
    assert_eq!(user.phone.as_ref().map(|contact| contact.address.as_str()), Some("+33612345678"));
    assert_eq!((user.locale, user.active, user.version), (Locale::Fr, true, 1));
    assert_eq!(world.users.read(&admin, user.id).await.unwrap(), user);
    let id = user.id.to_string();
    let expected =
        ["user.created.v1", "user.invited_to_set_password.v1"].map(|topic| (topic.to_owned(), id.clone()));
    assert_eq!(world.published().await, expected);
    assert!(world.holder("grace@example.com").await.is_none(), "nobody has proven it");
}

#[tokio::test]
async fn the_gate_knows_a_new_user() {
    let world = World::new().await;
    let admin = world.admin().await;
    let user = world.create(&admin, "grace@example.com").await.unwrap();
    let ctx = world.session_of(user.id).await;
    assert_eq!(world.users.profile(&ctx).await.unwrap().id, user.id);
}

#[tokio::test]
async fn roles_are_given_with_the_user() {
    let world = World::new().await;
    let admin = world.admin().await;
    let role = RoleId(Uuid::from_u128(7));
    let user = world
        .users
        .create(&admin, NewUser { role_ids: vec![role], ..new_user("g@example.com") })
        .await
        .unwrap();
    assert_eq!(world.grants.told(), [Told::Roles(user.id, vec![role])]);
}

#[tokio::test]
async fn an_address_on_record_or_verified_is_taken_in_any_spelling() {
    let world = World::new().await;
    let (_, admin) = world.person("ada@example.com").await;
    assert_eq!(world.create(&admin, "ADA@example.COM").await.unwrap_err().code(), Code::EmailTaken);
    world.create(&admin, "jürgen@example.com").await.unwrap();
    assert_eq!(world.create(&admin, "JÜRGEN@example.com").await.unwrap_err().code(), Code::EmailTaken);
    let phone = |email: &str| NewUser { phone: Some("+33612345678".to_owned()), ..new_user(email) };
    world.users.create(&admin, phone("a@example.com")).await.unwrap();
    assert_eq!(
        world.users.create(&admin, phone("b@example.com")).await.unwrap_err().code(),
        Code::PhoneTaken
    );
}

#[tokio::test]
async fn a_claim_keeps_nobody_out() {
    let world = World::new().await;
    world.sign_up(Some("+33612345678"), Some("grace@example.com")).await.unwrap();
    let admin = world.admin().await;
    assert!(world.create(&admin, "grace@example.com").await.is_ok());
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let world = World::new().await;
    let admin = world.admin().await;
    let new = NewUser {
        phone: Some("0612345678".to_owned()),
        first_name: Some("x\u{7}".to_owned()),
        ..new_user("not an address")
    };
    let error = world.users.create(&admin, new).await.unwrap_err();
    let expected =
        [("/email", "invalid_email"), ("/phone", "invalid_phone"), ("/first_name", "control_characters")];
    assert_eq!(wrong_fields(&error), expected);
}

#[tokio::test]
async fn it_needs_the_permission() {
    let world = World::new().await;
    let admin = world.admin().await;
    let reader = world.users_who_may(&[permission::READ]);
    assert_eq!(
        reader.create(&admin, new_user("g@example.com")).await.unwrap_err().code(),
        Code::PermissionDenied
    );
}

#[tokio::test]
async fn of_two_administrators_who_write_down_one_address_one_wins() {
    let world = World::new().await;
    let admin = world.admin().await;
    let (one, other) = futures_util::join!(
        world.create(&admin, "grace@example.com"),
        world.create(&admin, "Grace@example.com")
    );
    assert!(one.is_ok() != other.is_ok());
    assert_eq!(one.and(other).unwrap_err().code(), Code::EmailTaken);
}
