use std::convert::Infallible;

use futures_util::stream;
use ouvira_common::{
    context::RequestContext,
    locale::Locale,
    page::PageRequest,
    problem::{Code, Failure as _},
};
use ouvira_identity::{
    AddressStanding, ImportFormat, ImportReport, LineOutcome, ListUsers, PERMISSIONS, UserError, Users,
    permission,
};

use crate::support::{World, wrong_fields};

async fn import(
    users: &Users,
    ctx: &RequestContext,
    format: ImportFormat,
    text: &str,
    dry_run: bool,
) -> Result<ImportReport, UserError> {
    let pieces: Vec<Result<Vec<u8>, Infallible>> =
        text.as_bytes().chunks(7).map(|piece| Ok(piece.to_vec())).collect();
    users.import(ctx, format, stream::iter(pieces), dry_run).await
}

async fn import_csv(world: &World, ctx: &RequestContext, text: &str) -> ImportReport {
    import(&world.users, ctx, ImportFormat::Csv, text, false).await.expect("the file is imported")
}

/// Line, outcome, and pointer and code of the first error.
type Told<'r> = (u32, &'r str, Option<(&'r str, &'r str)>);

fn told(report: &ImportReport) -> Vec<Told<'_>> {
    report
        .lines
        .iter()
        .map(|line| {
            let error = match &line.outcome {
                LineOutcome::Failed(errors) => Some((errors[0].pointer(), errors[0].code())),
                _ => None,
            };
            (line.line, line.outcome.as_str(), error)
        })
        .collect()
}

const PEOPLE: &str = "email,phone,first_name,last_name,locale,timezone\n\
                      grace@example.com,+33612345678,Grace,Hopper,en,America/New_York\n\
                      hedy@example.com,,Hedy,Lamarr,de-AT,\n";

#[tokio::test]
async fn a_line_is_a_user_who_is_asked_to_set_a_password() {
    let world = World::new().await;
    let admin = world.admin().await;
    let report = import_csv(&world, &admin, PEOPLE).await;
    assert_eq!((report.created, report.updated, report.failed), (2, 0, 0));
    assert_eq!(told(&report), [(2, "created", None), (3, "created", None)]);

    let found = ListUsers { search: Some("hopper".to_owned()), ..ListUsers::default() };
    let page = world.users.list(&admin, found, &PageRequest::default()).await.unwrap();
    let grace = &page.items[0];
    assert_eq!(grace.email.as_ref().map(|email| email.standing), Some(AddressStanding::OnRecord));
    assert_eq!((grace.locale, grace.timezone.name()), (Locale::En, "America/New_York"));
    let topics = world.topics().await;
    assert_eq!(topics.iter().filter(|topic| *topic == "user.invited_to_set_password.v1").count(), 2);
    let ctx = world.session_of(grace.id).await;
    assert!(world.users.profile(&ctx).await.is_ok(), "the gate knows them");
}

#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    import_csv(&world, &admin, PEOPLE).await;
    let before = world.audit.actions().len();
    let again = import_csv(&world, &admin, PEOPLE).await;
    assert_eq!((again.created, again.updated, again.failed), (0, 2, 0));
    assert_eq!(world.audit.actions().len(), before);
}

#[tokio::test]
async fn what_a_line_does_not_say_stays() {
    let world = World::new().await;
    let admin = world.admin().await;
    import_csv(&world, &admin, PEOPLE).await;
    let report =
        import_csv(&world, &admin, "email,last_name\nGRACE@example.com,Murray\nhedy@example.com,\n").await;
    assert_eq!(told(&report), [(2, "updated", None), (3, "updated", None)]);
    let page = world.users.list(&admin, ListUsers::default(), &PageRequest::default()).await.unwrap();
    let names: Vec<_> =
        page.items.iter().map(|user| (user.first_name.as_str(), user.last_name.as_str())).collect();
    assert_eq!(names, [("Hedy", "Lamarr"), ("Grace", "Murray")]);
}

#[tokio::test]
async fn a_bad_line_leaves_the_others_alone() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.person("+33612345678").await;
    let text = "email,phone,locale\n\
                not an address,,\n\
                ada@example.com,,tlh\n\
                \n\
                grace@example.com,+33612345678,\n\
                ,,\n\
                good@example.com,,fr\n";
    let report = import_csv(&world, &admin, text).await;
    let expected = [
        (2, "failed", Some(("/email", "invalid_email"))),
        (3, "failed", Some(("/locale", "invalid_choice"))),
        (5, "failed", Some(("/phone", "phone_taken"))),
        (6, "failed", Some(("/email", "required"))),
        (7, "created", None),
    ];
    assert_eq!(told(&report), expected);
    assert_eq!((report.created, report.updated, report.failed), (1, 0, 4));
}

#[tokio::test]
async fn json_lines_say_the_same() {
    let world = World::new().await;
    let admin = world.admin().await;
    let text = "{\"email\": \"grace@example.com\", \"first_name\": \"Grace\", \"phone\": null, \"version\": 3}\n\
                {\"email\": \"hedy@example.com\", \"role\": \"owner\"}\n\
                nonsense\n";
    let report = import(&world.users, &admin, ImportFormat::JsonLines, text, false).await.unwrap();
    let expected = [
        (1, "created", None),
        (2, "failed", Some(("/role", "unknown_field"))),
        (3, "failed", Some(("", "invalid_format"))),
    ];
    assert_eq!(told(&report), expected);
}

#[tokio::test]
async fn a_dry_run_foresees_and_writes_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.create(&admin, "there@example.com").await.unwrap();
    let text = "email,phone,first_name\n\
                there@example.com,,Thea\n\
                new@example.com,+33612345678,\n\
                New@example.com,,Again\n\
                other@example.com,+33612345678,\n\
                broken,,\n";
    let foreseen = import(&world.users, &admin, ImportFormat::Csv, text, true).await.unwrap();
    let expected = [
        (2, "updated", None),
        (3, "created", None),
        (4, "updated", None),
        (5, "failed", Some(("/phone", "phone_taken"))),
        (6, "failed", Some(("/email", "invalid_email"))),
    ];
    assert_eq!(told(&foreseen), expected);
    assert_eq!(world.audit.actions(), ["user.created"]);
    let page = world.users.list(&admin, ListUsers::default(), &PageRequest::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    let done = import(&world.users, &admin, ImportFormat::Csv, text, false).await.unwrap();
    assert_eq!(done, foreseen);
}

#[tokio::test]
async fn nobody_takes_over_an_account_by_import() {
    let world = World::new().await;
    world.person("ada@example.com").await;
    let admin = world.admin().await;
    let unproven = world.create(&admin, "owner@example.com").await.unwrap();
    world.grants.put_out_of_reach(unproven.id);
    let text = "email,phone\nada@example.com,+33612345678\nowner@example.com,+33612345679\n";
    let report = import_csv(&world, &admin, text).await;
    let expected = [
        (2, "failed", Some(("/phone", "address_verified"))),
        (3, "failed", Some(("/phone", "cannot_grant"))),
    ];
    assert_eq!(told(&report), expected);
}

#[tokio::test]
async fn it_needs_the_permission_and_to_update_another_one() {
    let world = World::new().await;
    let admin = world.admin().await;
    world.create(&admin, "there@example.com").await.unwrap();
    let text = "email\nthere@example.com\nnew@example.com\n";
    let creator = world.users_who_may(&[permission::CREATE]);
    let report = import(&creator, &admin, ImportFormat::Csv, text, false).await.unwrap();
    assert_eq!(told(&report), [(2, "failed", Some(("", "permission_denied"))), (3, "created", None)]);
    let others: Vec<_> = PERMISSIONS.iter().copied().filter(|held| *held != permission::CREATE).collect();
    let error =
        import(&world.users_who_may(&others), &admin, ImportFormat::Csv, "", false).await.unwrap_err();
    assert_eq!(error.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_bad_header_or_a_file_that_breaks_off_fails_as_a_whole() {
    let world = World::new().await;
    let admin = world.admin().await;
    let error = import(&world.users, &admin, ImportFormat::Csv, "name\nAda\n", false).await.unwrap_err();
    assert_eq!(wrong_fields(&error), [("/name", "unknown_field"), ("/email", "required")]);
    let broken = stream::iter([Ok("email\nada@example.com\n".to_owned()), Err("connection reset")]);
    let error = world.users.import(&admin, ImportFormat::Csv, broken, false).await.unwrap_err();
    assert_eq!(error.code(), Code::BadRequest);
}

#[tokio::test]
async fn too_many_bytes_or_lines_are_refused() {
    let world = World::new().await;
    let admin = world.admin().await;
    let piece = " ".repeat(1024 * 1024);
    let pieces = stream::iter((0..65).map(|_| Ok::<_, Infallible>(piece.as_str())));
    let error = world.users.import(&admin, ImportFormat::JsonLines, pieces, true).await.unwrap_err();
    assert_eq!(error.code(), Code::BodyTooLarge);
    let lines = stream::iter([Ok::<_, Infallible>("x\n".repeat(100_002))]);
    let report = world.users.import(&admin, ImportFormat::JsonLines, lines, true).await.unwrap();
    assert_eq!(report.lines.len(), 100_001);
    assert_eq!(told(&report).last(), Some(&(100_001, "failed", Some(("", "too_many")))));
}

#[tokio::test]
async fn two_imports_of_one_file_at_once_make_each_user_once() {
    let world = World::new().await;
    let admin = world.admin().await;
    let text = (0..450).fold("email\n".to_owned(), |text, index| format!("{text}user{index}@example.com\n"));
    let (one, other) =
        futures_util::join!(import_csv(&world, &admin, &text), import_csv(&world, &admin, &text));
    assert_eq!((one.failed, other.failed), (0, 0));
    assert_eq!(one.created + other.created, 450);
}
