use std::net::Ipv4Addr;

use chrono::Duration;
use ouvira_auth::{AuthError, HashCost, LoginOutcome, PasswordHasher};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::SessionScope,
    ports::Credentials as _,
    principal::Principal,
    problem::{Code, Failure as _},
    secret::Secret,
    settings::TenantSettings,
    tenant::PlacementMode,
};

use crate::support::{COST, PASSWORD, World, hasher, login, signed_in};

/// A request from another device and network than those of [`World`].
fn from_elsewhere(world: &World) -> RequestContext {
    let origin = Origin {
        request_id: "elsewhere-1".to_owned(),
        ip: Some(Ipv4Addr::new(203, 0, 113, 9).into()),
        user_agent: Some("curl/8.5.0".to_owned()),
    };
    RequestContext::new(
        world.tenant.tenant().clone(),
        Principal::SYSTEM,
        Pass::Open,
        origin,
        world.tenant.now(),
    )
}

#[tokio::test]
async fn v6_3_8_every_reason_to_refuse_is_one_answer_after_the_same_work() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let (mut gone, _) = world.sign_up("gone@example.com").await;
    gone.active = false;
    world.users.put(gone);
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    auth.login(&world.tenant.open(), login("warm@example.com", "up")).await.unwrap_err();
    let mut seen = Vec::new();
    for (identifier, password) in [
        ("ada@example.com", "wrong password"),
        ("nobody@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
        ("+33612345678", PASSWORD),
        ("not an address", PASSWORD),
    ] {
        let before = wire.statements();
        let refused = auth.login(&world.tenant.open(), login(identifier, password)).await.unwrap_err();
        assert_eq!(refused.code(), Code::CredentialsInvalid, "{identifier}");
        seen.push(wire.statements() - before);
    }
    // With an address that nobody can have, nobody is looked for.
    assert_eq!(seen[..4], [seen[0]; 4]);
}

#[tokio::test]
async fn a_login_is_one_look_up_and_one_transaction() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    auth.login(&world.tenant.open(), login("ada@example.com", PASSWORD)).await.unwrap();
    let before = wire.flights();
    auth.login(&world.tenant.open(), login("ada@example.com", PASSWORD)).await.unwrap();
    // The look-up (the fake directory goes through the gate by itself, which costs a flight that the real one does not) and
    // its COMMIT, which nobody waits for; the use of the credential, everything else, COMMIT.
    assert!(wire.flights() - before <= 6, "{}", wire.flights() - before);
}

#[tokio::test]
async fn v16_3_1_a_failure_is_logged_although_the_login_fails() {
    let world = World::new(PlacementMode::Schema).await;
    let (person, _) = world.sign_up("ada@example.com").await;
    world.login("ada@example.com", "wrong password").await.unwrap_err();
    let last = world.audit.security_events().pop().unwrap();
    assert_eq!((last.event, last.user), ("login.failed", Some(person.id)));
    let counted = world.rows("kind", "attempts").await;
    let failures = counted.iter().filter(|row| row["kind"] == "login_failures").count();
    assert_eq!(failures, 3, "for the device, the network and the account");
}

#[tokio::test]
async fn v6_3_1_failures_slow_the_next_ones_down_but_not_a_device_that_signed_in_before() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let elsewhere = async |password: &str| {
        let answer = world.auth.login(&from_elsewhere(&world), login("ada@example.com", password)).await;
        answer.map(|_| ()).map_err(|error| error.code())
    };
    for _ in 0..5 {
        assert_eq!(elsewhere("wrong password").await, Err(Code::CredentialsInvalid));
    }
    assert_eq!(
        elsewhere(PASSWORD).await,
        Err(Code::CredentialsInvalid),
        "a delay answers as a wrong password does"
    );
    signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());

    world.tenant.clock().advance(Duration::seconds(2));
    assert_eq!(elsewhere("wrong password").await, Err(Code::CredentialsInvalid));
    world.tenant.clock().advance(Duration::seconds(1));
    assert_eq!(elsewhere(PASSWORD).await, Err(Code::CredentialsInvalid), "the second delay is longer");
    world.tenant.clock().advance(Duration::seconds(2));
    assert_eq!(elsewhere(PASSWORD).await, Ok(()));
}

#[tokio::test]
async fn v6_3_1_a_hundred_guesses_at_once_are_as_many_one_after_the_other() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let all: Vec<_> = (0..40)
        .map(|guess| {
            let (auth, ctx) = (world.auth.clone(), from_elsewhere(&world));
            let password = if guess == 39 { PASSWORD.to_owned() } else { format!("guess number {guess}") };
            tokio::spawn(async move { auth.login(&ctx, login("ada@example.com", &password)).await.is_ok() })
        })
        .collect();
    let mut guessed = 0;
    for one in all {
        guessed += usize::from(one.await.unwrap());
    }
    let counted = world.rows("max(count) FILTER (WHERE kind = 'login_failures') AS most", "attempts").await;
    assert!(guessed == 0 || counted[0]["most"].as_i64().unwrap() < 39, "{guessed} {counted:?}");
}

#[tokio::test]
async fn v6_3_5_a_sign_in_from_a_new_device_is_announced() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, _) = world.sign_up("ada@example.com").await;
    signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
    assert!(world.notifier.notices().is_empty(), "the device of the sign-up is no new one");
    signed_in(world.auth.login(&from_elsewhere(&world), login("ada@example.com", PASSWORD)).await.unwrap());
    let notices = world.notifier.notices();
    assert_eq!((notices.len(), notices[0].user, notices[0].kind), (1, person.id, "sign_in.new_device"));
    let message = world.messages().await.pop().unwrap();
    assert_eq!((&*message.template, message.to.as_str()), ("sign_in_new_device", "ada@example.com"));
    assert_eq!(message.data["device"], "curl");
}

#[tokio::test]
async fn v11_4_2_a_password_is_hashed_anew_when_the_cost_was_raised() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let raised = PasswordHasher::start(1, HashCost { memory: 128, ..COST });
    let auth = world.built(world.tenant.db(), raised, true);
    for _ in 0..2 {
        signed_in(auth.login(&world.tenant.open(), login("ada@example.com", PASSWORD)).await.unwrap());
        let kept = world.rows("secret, version", "credentials").await;
        assert!(kept[0]["secret"].as_str().unwrap().starts_with("$argon2id$v=19$m=128,t=1,p=1$"), "{kept:?}");
        assert_eq!(kept[0]["version"], 1);
    }
}

#[tokio::test]
async fn v6_2_8_passwords_are_compared_after_composition() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, _) = world.sign_up("ada@example.com").await;
    let passwords =
        ouvira_auth::Passwords::new(hasher(), std::sync::Arc::new(ouvira_common::entropy::OsEntropy));
    let ctx = world.tenant.open();
    let hash = passwords.hash(&ctx, &Secret::new("cafe\u{301} au lait")).await.unwrap();
    let set = world.tenant.db().write(&ctx, async |tx| passwords.set(tx, person.id, &hash).await).await;
    assert!(set.is_ok());
    signed_in(world.login("ada@example.com", "caf\u{e9} au lait").await.unwrap());
    assert!(world.login("ada@example.com", PASSWORD).await.is_err());
}

#[tokio::test]
async fn v6_3_3_where_a_second_factor_is_wanted_a_newcomer_may_only_enrol_one() {
    let settings = TenantSettings { require_two_factor: true, ..TenantSettings::default() };
    let world = World::with(PlacementMode::Shared, settings).await;
    let ctx = world.tenant.open();
    let challenge = world.auth.sign_up(&ctx, crate::support::by_email("ada@example.com")).await.unwrap();
    let token = world.auth.verify_code(&ctx, challenge.id, &world.last_code().await).await.unwrap();
    let outcome = world.auth.finalize_sign_up(&ctx, crate::support::finalize(token.token)).await.unwrap();
    let LoginOutcome::SetupRequired { tokens } = outcome else { panic!("{outcome:?}") };
    assert_eq!(tokens.scope, SessionScope::Enrol);
    assert!(!world.passes(&tokens).await);
    let refreshed = world.auth.refresh(&ctx, &tokens.refresh_token).await.unwrap();
    assert_eq!(refreshed.scope, SessionScope::Enrol);
}

#[tokio::test]
async fn over_capacity_a_login_is_told_so_at_once() {
    let world = World::new(PlacementMode::Shared).await;
    let slow = PasswordHasher::start(1, HashCost { memory: 19 * 1024, passes: 8, lanes: 1 });
    let auth = std::sync::Arc::new(world.built(world.tenant.db(), slow, true));
    let all: Vec<_> = (0..80)
        .map(|number| {
            let (auth, ctx) = (auth.clone(), world.tenant.open());
            let identifier = format!("nobody{number}@example.com");
            tokio::spawn(async move { auth.login(&ctx, login(&identifier, PASSWORD)).await.unwrap_err() })
        })
        .collect();
    let mut busy = 0;
    for one in all {
        let error: AuthError = one.await.unwrap();
        if error.code() == Code::ServiceUnavailable {
            assert_eq!(error.retry_after(), Some(1));
            busy += 1;
        }
    }
    assert!(busy > 0);
}
