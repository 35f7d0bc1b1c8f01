use ouvira_common::{
    context::Pass,
    id::{GrantId, UserId},
    locale::Locale,
    principal::Principal,
    problem::{Code, Failure as _},
};
use ouvira_identity::{Edit, ProfileEdit, UserError};
use uuid::Uuid;

use crate::support::{World, wrong_fields};

fn to(text: &str) -> Edit<String> {
    Edit::To(text.to_owned())
}

#[tokio::test]
async fn a_user_reads_their_own_profile() {
    let world = World::new().await;
    let (person, ctx) = world.person("ada@example.com").await;
    let user = world.users.profile(&ctx).await.unwrap();
    assert_eq!(user.id, person.id);
    assert!(user.email_verified() && !user.phone_verified());
    assert_eq!((user.locale, user.timezone.name(), user.version), (Locale::En, "UTC", 1));
    assert_eq!((user.two_factor_enabled, user.last_login_at), (false, None));
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let edit =
        ProfileEdit { first_name: to("  Augusta "), timezone: to("Europe/Paris"), ..ProfileEdit::default() };
    let changed = world.users.edit_profile(&ctx, edit, Some(1)).await.unwrap();
    assert_eq!(changed.first_name.as_str(), "Augusta");
    assert_eq!(changed.last_name.as_str(), "Lovelace");
    assert_eq!(changed.timezone.name(), "Europe/Paris");
    assert_eq!(changed.version, 2);
    assert_eq!(world.users.profile(&ctx).await.unwrap(), changed);
    assert_eq!(world.audit.actions(), ["user.created", "user.updated"]);
    assert_eq!(world.topics().await, ["user.created.v1", "user.updated.v1"]);
}

#[tokio::test]
async fn replacing_gives_what_is_left_out_its_default() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let first =
        ProfileEdit { locale: Edit::To(Locale::Fr), timezone: to("Europe/Paris"), ..ProfileEdit::default() };
    world.users.edit_profile(&ctx, first, None).await.unwrap();
    let replaced = ProfileEdit {
        first_name: to("Ada"),
        last_name: Edit::Reset,
        locale: Edit::Reset,
        timezone: Edit::Reset,
    };
    let user = world.users.edit_profile(&ctx, replaced, None).await.unwrap();
    assert_eq!((user.last_name.as_str(), user.locale, user.timezone.name()), ("", Locale::En, "UTC"));
}

#[tokio::test]
async fn a_change_that_changes_nothing_writes_nothing() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let same = ProfileEdit { first_name: to("Ada"), ..ProfileEdit::default() };
    assert_eq!(world.users.edit_profile(&ctx, same, None).await.unwrap().version, 1);
    assert_eq!(world.audit.actions(), ["user.created"]);
}

#[tokio::test]
async fn of_two_edits_of_one_version_the_second_is_refused() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let edit = |name| ProfileEdit { first_name: to(name), ..ProfileEdit::default() };
    world.users.edit_profile(&ctx, edit("Augusta"), Some(1)).await.unwrap();
    let error = world.users.edit_profile(&ctx, edit("Byron"), Some(1)).await.unwrap_err();
    assert!(matches!(error, UserError::VersionMismatch), "{error}");
    assert_eq!(world.users.profile(&ctx).await.unwrap().first_name.as_str(), "Augusta");
}

#[tokio::test]
async fn all_wrong_fields_are_named_at_once() {
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let edit = ProfileEdit {
        first_name: to(&"x".repeat(101)),
        last_name: to("a\0b"),
        timezone: to("Mars/Olympus"),
        locale: Edit::Keep,
    };
    let error = world.users.edit_profile(&ctx, edit, None).await.unwrap_err();
    let expected =
        [("/first_name", "too_long"), ("/last_name", "control_characters"), ("/timezone", "invalid_choice")];
    assert_eq!(wrong_fields(&error), expected);
}

#[tokio::test]
async fn an_operator_has_no_profile() {
    let world = World::new().await;
    let operator = Principal { kind: ouvira_common::principal::PrincipalKind::Operator, id: Uuid::nil() };
    let ctx = world.tenant.with_pass(operator, Pass::Grant(GrantId(Uuid::nil())));
    assert_eq!(world.users.profile(&ctx).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn what_a_change_says_of_a_person_is_logged_as_personal() {
    use ouvira_common::ports::Change;
    let world = World::new().await;
    let (_, ctx) = world.person("ada@example.com").await;
    let edit = ProfileEdit { last_name: to("Byron"), locale: Edit::To(Locale::De), ..ProfileEdit::default() };
    world.users.edit_profile(&ctx, edit, None).await.unwrap();
    let changes = world.audit.activities().pop().unwrap().changes.0;
    assert_eq!(changes.keys().copied().collect::<Vec<_>>(), ["last_name", "locale"]);
    assert!(matches!(changes["last_name"], Change::Personal { .. }));
    assert!(matches!(changes["locale"], Change::Public { .. }));
}

#[tokio::test]
async fn somebody_unknown_to_identity_has_no_profile() {
    let world = World::new().await;
    let stranger = world.tenant.user().await;
    let error = world.users.profile(&world.tenant.context(&stranger)).await.unwrap_err();
    assert_eq!(error.code(), Code::NotFound);
    assert_ne!(stranger.id, UserId(Uuid::nil()));
}
