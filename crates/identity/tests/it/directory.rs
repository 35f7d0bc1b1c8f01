use ouvira_common::{
    db::DbError,
    id::UserId,
    ports::{NewPerson, UserDirectory as _, UserDirectoryError},
};

use crate::support::{World, address, email, phone};

#[tokio::test]
async fn who_signed_up_is_found_by_what_they_proved_in_any_spelling() {
    let world = World::new().await;
    let ada = world.sign_up(Some("Ada@Example.com"), Some("+33612345678")).await.unwrap();
    assert_eq!((ada.email.clone(), ada.email_verified), (Some(email("Ada@Example.com")), true));
    assert_eq!((ada.phone.clone(), ada.phone_verified), (Some(phone("+33612345678")), false));
    assert_eq!(world.holder("ada@example.COM").await, Some(ada));
    assert_eq!(world.holder("+33612345678").await, None);
    assert_eq!(world.topics().await, ["user.created.v1"]);
}

#[tokio::test]
async fn somebody_made_without_proof_is_asked_to_set_a_password() {
    let world = World::new().await;
    world.sign_up(None, Some("first@example.com")).await.unwrap();
    assert_eq!(world.topics().await, ["user.created.v1", "user.invited_to_set_password.v1"]);
    let again = world.sign_up(None, Some("First@example.com")).await.unwrap_err();
    assert!(matches!(again, UserDirectoryError::AddressTaken(_)), "{again}");
}

#[tokio::test]
async fn people_are_read_in_batch() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let (grace, ctx) = world.person("grace@example.com").await;
    let ids = [ada.id, grace.id, UserId::new_at(ctx.now())];
    let found: Result<_, DbError> =
        world.tenant.db().read(&ctx, async |tx| world.directory.get(tx, &ids).await).await;
    let found = found.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((&found[&ada.id], &found[&grace.id]), (&ada, &grace));
}

#[tokio::test]
async fn notes_of_auth_are_kept_and_no_change_by_people() {
    let world = World::new().await;
    let (ada, ctx) = world.person("ada@example.com").await;
    let noted: Result<(), DbError> = world
        .tenant
        .db()
        .write(&ctx, async |tx| {
            world.directory.note_sign_in(tx, ada.id, tx.now());
            world.directory.note_second_factor(tx, ada.id, true);
            Ok(())
        })
        .await;
    noted.unwrap();
    let user = world.users.profile(&ctx).await.unwrap();
    assert_eq!((user.last_login_at, user.two_factor_enabled), (Some(ctx.now()), true));
    assert_eq!((user.version, user.updated_at), (ada.version, ada.updated_at));
}

#[tokio::test]
async fn nobody_verifies_for_somebody_who_is_gone() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let admin = world.admin().await;
    world.users.delete(&admin, ada.id, None).await.unwrap();
    let error = world.verify(ada.id, "new@example.com").await.unwrap_err();
    assert!(matches!(error, UserDirectoryError::Gone), "{error}");
}

#[tokio::test]
async fn names_that_are_too_long_are_cut() {
    let world = World::new().await;
    let new = NewPerson {
        verified: Some(address("ada@example.com")),
        claimed: None,
        first_name: format!(" Ada\0{}", "a".repeat(200)),
        last_name: String::new(),
        locale: None,
    };
    let open = world.tenant.open();
    let ada = world
        .tenant
        .db()
        .write(&open, async |tx| world.directory.create(tx, new.clone()).await)
        .await
        .unwrap();
    assert_eq!(ada.first_name, format!("Ada{}", "a".repeat(97)));
}
