use chrono::Duration;
use ouvira_auth::{LoginOutcome, PasswordResetRequested, SET_PASSWORD_TOPIC};
use ouvira_common::{
    outbox::{Delivery, OutboxEvent as _, OutboxHandler as _},
    ports::{NewPerson, UserDirectory as _},
    problem::{Code, Failure as _, FieldCode},
    secret::Secret,
    tenant::PlacementMode,
    text::{Address, Email},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{PASSWORD, World, signed_in};

pub(crate) const NEW: &str = "staple battery horse";

/// What a worker does with what has been asked for by now.
pub(crate) async fn work(world: &World) -> usize {
    let tenant = world.tenant.tenant().id;
    let topic = PasswordResetRequested::TOPIC;
    let select = format!(
        "SELECT id, payload FROM ouvira_core.outbox WHERE topic = '{topic}' AND tenant_id = '{tenant}'"
    );
    let rows = world.tenant.owner_rows(&select).await;
    for row in &rows {
        let delivery = Delivery {
            id: serde_json::from_value(row["id"].clone()).unwrap(),
            topic: topic.to_owned(),
            payload: row["payload"].clone(),
            attempt: 1,
        };
        world.auth.handle(&world.tenant.job(), &delivery).await.unwrap();
    }
    rows.len()
}

pub(crate) async fn last_token(world: &World) -> Secret {
    Secret::new(world.messages().await.last().unwrap().data["token"].as_str().unwrap())
}

pub(crate) async fn reset(world: &World, token: &Secret, password: &str) -> Result<(), Code> {
    let answer = world.auth.reset_password(&world.tenant.open(), token, &Secret::new(password)).await;
    answer.map_err(|error| error.code())
}

#[tokio::test]
async fn v6_4_3_a_forgotten_password_is_replaced_by_a_link_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let (_, tokens) = world.sign_up("ada@example.com").await;
        world.auth.forgot_password(&world.tenant.open(), "ADA@example.com").await.unwrap();
        work(&world).await;
        let token = last_token(&world).await;
        assert_eq!(world.messages().await.last().unwrap().template, "password_reset");
        reset(&world, &token, NEW).await.unwrap();
        assert!(!world.passes(&tokens).await);
        assert_eq!(world.messages().await.last().unwrap().template, "password_changed");
        assert_eq!(
            world.login("ada@example.com", PASSWORD).await.unwrap_err().code(),
            Code::CredentialsInvalid
        );
        signed_in(world.login("ada@example.com", NEW).await.unwrap());
        assert_eq!(reset(&world, &token, NEW).await, Err(Code::ResetTokenInvalid));
    }
}

#[tokio::test]
async fn v6_3_8_asking_for_a_link_tells_nothing_and_sends_only_to_verified_addresses() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let (mut gone, _) = world.sign_up("gone@example.com").await;
    gone.active = false;
    world.users.put(gone);
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    auth.forgot_password(&world.tenant.open(), "warm@example.com").await.unwrap();
    let mut seen = Vec::new();
    for email in ["ada@example.com", "nobody@example.com", "gone@example.com"] {
        let before = wire.statements();
        auth.forgot_password(&world.tenant.open(), email).await.unwrap();
        seen.push(wire.statements() - before);
    }
    assert_eq!(seen, [seen[0]; 3]);
    let before = world.messages().await.len();
    assert_eq!(work(&world).await, 4);
    let sent = world.messages().await.split_off(before);
    let to: Vec<_> = sent.iter().map(|message| (message.to.as_str(), &*message.template)).collect();
    assert_eq!(to, [("ada@example.com", "password_reset")]);
}

#[tokio::test]
async fn v6_4_1_a_link_lapses_and_handled_twice_it_is_sent_once() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    world.auth.forgot_password(&world.tenant.open(), "ada@example.com").await.unwrap();
    work(&world).await;
    let sent = world.messages().await.len();
    work(&world).await;
    assert_eq!(world.messages().await.len(), sent);
    let token = last_token(&world).await;
    let weak = reset(&world, &token, "password1").await;
    assert_eq!(weak, Err(Code::ValidationFailed), "a refused password does not use the link up");
    world.tenant.clock().advance(Duration::minutes(30));
    assert_eq!(reset(&world, &token, NEW).await, Err(Code::ResetTokenInvalid));
    assert_eq!(reset(&world, &Secret::new("x".repeat(64)), NEW).await, Err(Code::ResetTokenInvalid));
}

#[tokio::test]
async fn v6_4_1_the_same_link_fifty_times_at_once_has_one_winner() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    world.auth.forgot_password(&world.tenant.open(), "ada@example.com").await.unwrap();
    work(&world).await;
    let token = last_token(&world).await;
    let all: Vec<_> = (0..50)
        .map(|number| {
            let (auth, ctx, token) = (world.auth.clone(), world.tenant.open(), token.clone());
            let password = Secret::new(format!("staple battery {number}"));
            tokio::spawn(async move { auth.reset_password(&ctx, &token, &password).await })
        })
        .collect();
    let mut winners = Vec::new();
    for (number, one) in all.into_iter().enumerate() {
        match one.await.unwrap() {
            Ok(()) => winners.push(number),
            Err(error) => assert_eq!(error.code(), Code::ResetTokenInvalid),
        }
    }
    assert_eq!(winners.len(), 1);
    signed_in(world.login("ada@example.com", &format!("staple battery {}", winners[0])).await.unwrap());
}

#[tokio::test]
async fn v6_4_6_who_was_written_down_chooses_a_password_and_so_proves_the_address() {
    let world = World::new(PlacementMode::Schema).await;
    let address = Address::Email(Email::parse("/email", "new@example.com").unwrap());
    let new = NewPerson {
        verified: None,
        claimed: Some(address),
        first_name: String::new(),
        last_name: String::new(),
        locale: None,
    };
    let person = world
        .tenant
        .db()
        .write(&world.tenant.job(), async |tx| world.users.create(tx, new.clone()).await)
        .await;
    let person = person.unwrap();
    let delivery = Delivery {
        id: Uuid::from_u128(7),
        topic: SET_PASSWORD_TOPIC.to_owned(),
        payload: json!({"user_id": person.id}),
        attempt: 1,
    };
    world.auth.handle(&world.tenant.job(), &delivery).await.unwrap();
    assert_eq!(world.messages().await.last().unwrap().template, "set_password");
    let token = last_token(&world).await;
    world.tenant.clock().advance(Duration::days(6));
    reset(&world, &token, NEW).await.unwrap();
    signed_in(world.login("new@example.com", NEW).await.unwrap());
    // A second event, or a late one, finds an address that is proven.
    let before = world.messages().await.len();
    let again = Delivery { id: Uuid::from_u128(8), ..delivery };
    world.auth.handle(&world.tenant.job(), &again).await.unwrap();
    assert_eq!(world.messages().await.len(), before);
}

#[tokio::test]
async fn v6_2_3_changing_the_password_needs_the_present_one_and_ends_the_other_sessions() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, first) = world.sign_up("ada@example.com").await;
    let (_, other) = signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
    let ctx = world.context(&first).await;
    let change = async |current: &str, new: &str| {
        world.auth.change_password(&ctx, &Secret::new(current), &Secret::new(new)).await
    };
    assert_eq!(change("wrong password", NEW).await.unwrap_err().code(), Code::PasswordIncorrect);
    let weak = change(PASSWORD, "12345678").await.unwrap_err();
    assert_eq!(
        (weak.fields()[0].pointer.as_str(), weak.fields()[0].code),
        ("/new_password", FieldCode::CommonPassword)
    );
    for (guessable, reason) in
        [("LovelaceAda", FieldCode::PersonalPassword), ("zzzzzzzzzzzzz", FieldCode::RepetitivePassword)]
    {
        let refused = change(PASSWORD, guessable).await.unwrap_err();
        assert_eq!(refused.fields()[0].code, reason, "{guessable}");
    }
    change(PASSWORD, NEW).await.unwrap();
    assert!(world.passes(&first).await && !world.passes(&other).await);
    signed_in(world.login("ada@example.com", NEW).await.unwrap());
    assert_eq!(world.notifier.notices().pop().unwrap().kind, "password.changed");
    assert!(
        world
            .audit
            .security_events()
            .iter()
            .any(|event| event.event == "password.changed" && event.user == Some(person.id))
    );
    assert!(world.audit.actions().contains(&"user.password_changed"));
}

#[tokio::test]
async fn a_login_with_the_former_password_that_is_just_going_on_does_not_survive_the_change() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, first) = world.sign_up("ada@example.com").await;
    let logins: Vec<_> = (0..20)
        .map(|_| {
            let (auth, ctx) = (world.auth.clone(), world.tenant.open());
            tokio::spawn(
                async move { auth.login(&ctx, crate::support::login("ada@example.com", PASSWORD)).await },
            )
        })
        .collect();
    let ctx = world.context(&first).await;
    world.auth.change_password(&ctx, &Secret::new(PASSWORD), &Secret::new(NEW)).await.unwrap();
    for login in logins {
        if let Ok(LoginOutcome::Authenticated { tokens, .. }) = login.await.unwrap() {
            assert!(!world.passes(&tokens).await);
        }
    }
}
