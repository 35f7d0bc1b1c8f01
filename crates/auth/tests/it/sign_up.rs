use chrono::Duration;
use ouvira_auth::{AuthError, FinalizeSignUp};
use ouvira_common::{
    problem::{Code, Failure as _, FieldCode},
    secret::Secret,
    settings::{SignupPolicy, TenantSettings},
    tenant::PlacementMode,
};

use crate::support::{PASSWORD, World, by_email, by_phone, finalize, signed_in};

#[tokio::test]
async fn somebody_new_signs_up_and_in_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        for (request, identifier) in [
            (by_email("Ada@Example.com"), "ada@example.COM"),
            (by_phone("+33 6 12 34 56 78"), "+33612345678"),
        ] {
            let ctx = world.tenant.open();
            let challenge = world.auth.sign_up(&ctx, request).await.unwrap();
            let token = world.auth.verify_code(&ctx, challenge.id, &world.last_code().await).await.unwrap();
            let (person, tokens) =
                signed_in(world.auth.finalize_sign_up(&ctx, finalize(token.token)).await.unwrap());
            assert_eq!((person.first_name.as_str(), person.active), ("Ada", true));
            assert!(world.passes(&tokens).await);
            let (again, _) = signed_in(world.login(identifier, PASSWORD).await.unwrap());
            assert_eq!(again.id, person.id);
            assert_eq!(world.users.signed_in_at(person.id), Some(world.tenant.now()));
        }
    }
}

#[tokio::test]
async fn v6_3_8_no_step_tells_whether_an_account_exists() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("known@example.com").await;
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    let ctx = world.tenant.open();
    let warm = auth.sign_up(&ctx, by_email("warm@example.com")).await.unwrap();
    auth.verify_code(&ctx, warm.id, &Secret::new("x")).await.unwrap_err();
    let mut seen = Vec::new();
    for email in ["known@example.com", "new@example.com"] {
        let before = wire.statements();
        let challenge = auth.sign_up(&ctx, by_email(email)).await.unwrap();
        let asked = wire.statements();
        let refused = auth.verify_code(&ctx, challenge.id, &Secret::new("x")).await.unwrap_err().code();
        let verified = wire.statements();
        let answer = (challenge.channel, challenge.expires_at, challenge.resend_at, refused);
        seen.push((answer, asked - before, verified - asked));
    }
    assert_eq!(seen[0], seen[1]);
    let messages = world.messages().await;
    let [.., known, new] = &messages[..] else { panic!("two were sent") };
    assert_eq!((&*known.template, known.to.as_str()), ("signup_existing_account", "known@example.com"));
    assert!(!known.data.contains_key("code"));
    assert_eq!((&*new.template, new.to.as_str()), ("signup_code", "new@example.com"));
    // One more index entry of an account's own would be time that can be measured.
    let events = world.audit.security_events();
    let asked: Vec<_> = events.iter().filter(|event| event.event == "code.requested").collect();
    assert!(asked.iter().all(|event| event.user.is_none() && event.details == asked[0].details), "{asked:?}");
}

#[tokio::test]
async fn v6_6_3_the_fifth_wrong_code_ends_the_challenge_and_a_new_code_does_not_reset_the_count() {
    let world = World::new(PlacementMode::Shared).await;
    let auth = world.built(world.tenant.db(), crate::support::hasher(), false);
    let challenge = auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap();
    let verify = async |code: &str| {
        auth.verify_code(&world.tenant.open(), challenge.id, &Secret::new(code))
            .await
            .map(|_| ())
            .map_err(|e| e.code())
    };
    for _ in 0..3 {
        assert_eq!(verify("nonsense").await, Err(Code::OtpInvalid));
    }
    let first = world.last_code().await;
    world.tenant.clock().advance(Duration::seconds(31));
    auth.resend_code(&world.tenant.open(), challenge.id).await.unwrap();
    let second = world.last_code().await;
    if first.expose() != second.expose() {
        assert_eq!(verify(first.expose()).await, Err(Code::OtpInvalid));
    }
    assert_eq!(verify("000 000").await, Err(Code::OtpExhausted));
    assert_eq!(verify(second.expose()).await, Err(Code::ChallengeInvalid));
}

#[tokio::test]
async fn v6_6_3_codes_lapse_and_the_pause_before_another_one_grows() {
    let world = World::new(PlacementMode::Schema).await;
    let auth = &world.auth;
    let challenge = auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap();
    let resend = async || auth.resend_code(&world.tenant.open(), challenge.id).await;
    assert!(matches!(resend().await, Err(AuthError::TooMany { retry_after: 30 })));
    world.tenant.clock().advance(Duration::seconds(30));
    let sent_again = resend().await.unwrap();
    assert_eq!(sent_again.resend_at, world.tenant.now() + Duration::seconds(60));
    assert_eq!(sent_again.id, challenge.id);
    let code = world.last_code().await;
    world.tenant.clock().advance(Duration::minutes(10));
    let late = auth.verify_code(&world.tenant.open(), challenge.id, &code).await;
    assert_eq!(late.unwrap_err().code(), Code::ChallengeInvalid);
    assert_eq!(resend().await.unwrap_err().code(), Code::ChallengeInvalid);
}

#[tokio::test]
async fn v6_6_3_an_address_is_sent_three_codes_an_hour_whoever_asks() {
    let world = World::new(PlacementMode::Shared).await;
    for _ in 0..3 {
        world.auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap();
    }
    let fourth = world.auth.sign_up(&world.tenant.open(), by_email("ADA@example.com")).await.unwrap_err();
    assert!(matches!(fourth, AuthError::TooMany { retry_after: 3600 }), "{fourth:?}");
    world.auth.sign_up(&world.tenant.open(), by_email("bob@example.com")).await.unwrap();
    world.tenant.clock().advance(Duration::hours(1));
    world.auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap();
}

#[tokio::test]
async fn v6_5_1_the_same_code_fifty_times_at_once_has_one_winner() {
    let world = World::new(PlacementMode::Shared).await;
    let auth = std::sync::Arc::new(world.built(world.tenant.db(), crate::support::hasher(), false));
    let challenge = auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap();
    let code = world.last_code().await;
    let mut winners = Vec::new();
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (auth, ctx, code) = (auth.clone(), world.tenant.open(), code.clone());
            tokio::spawn(async move { auth.verify_code(&ctx, challenge.id, &code).await })
        })
        .collect();
    for one in all {
        match one.await.unwrap() {
            Ok(token) => winners.push(token.token),
            Err(error) => assert_eq!(error.code(), Code::ChallengeInvalid),
        }
    }
    assert_eq!(winners.len(), 1);

    let token = winners.remove(0);
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (auth, ctx, token) = (auth.clone(), world.tenant.open(), token.clone());
            tokio::spawn(async move { auth.finalize_sign_up(&ctx, finalize(token)).await })
        })
        .collect();
    let mut accounts = 0;
    for one in all {
        match one.await.unwrap() {
            Ok(_) => accounts += 1,
            Err(error) => assert_eq!(error.code(), Code::SignupTokenInvalid),
        }
    }
    assert_eq!((accounts, world.users.all().len()), (1, 1));
}

async fn signup_token(world: &World, email: &str) -> Secret {
    let ctx = world.tenant.open();
    let challenge = world.auth.sign_up(&ctx, by_email(email)).await.unwrap();
    world.auth.verify_code(&ctx, challenge.id, &world.last_code().await).await.unwrap().token
}

#[tokio::test]
async fn another_address_than_the_verified_one_is_refused_and_a_second_one_is_a_claim() {
    let world = World::new(PlacementMode::Shared).await;
    let token = signup_token(&world, "ada@example.com").await;
    let other = FinalizeSignUp { email: Some("eve@example.com".to_owned()), ..finalize(token.clone()) };
    let refused = world.auth.finalize_sign_up(&world.tenant.open(), other).await.unwrap_err();
    assert_eq!(refused.code(), Code::AddressMismatch);
    let both = FinalizeSignUp {
        email: Some("ADA@example.com".to_owned()),
        phone: Some("+33612345678".to_owned()),
        ..finalize(token)
    };
    let (person, _) = signed_in(world.auth.finalize_sign_up(&world.tenant.open(), both).await.unwrap());
    assert!(person.email_verified && !person.phone_verified && person.phone.is_some());
    assert_eq!(world.login("+33612345678", PASSWORD).await.unwrap_err().code(), Code::CredentialsInvalid);
}

#[tokio::test]
async fn an_address_that_got_an_account_meanwhile_makes_the_token_void() {
    let world = World::new(PlacementMode::Shared).await;
    let late = signup_token(&world, "ada@example.com").await;
    world.sign_up("ada@example.com").await;
    let refused = world.auth.finalize_sign_up(&world.tenant.open(), finalize(late)).await.unwrap_err();
    assert_eq!(refused.code(), Code::SignupTokenInvalid);
}

#[tokio::test]
async fn every_field_that_is_wrong_is_named() {
    let world = World::new(PlacementMode::Shared).await;
    let token = signup_token(&world, "ada@example.com").await;
    let wrong = FinalizeSignUp {
        phone: Some("12".to_owned()),
        first_name: Some("x".repeat(101)),
        password: Secret::new("Password1"),
        ..finalize(token)
    };
    let error = world.auth.finalize_sign_up(&world.tenant.open(), wrong).await.unwrap_err();
    let fields: Vec<_> = error.fields().iter().map(|field| (field.pointer.as_str(), field.code)).collect();
    assert_eq!(
        fields,
        [
            ("/phone", FieldCode::InvalidPhone),
            ("/first_name", FieldCode::TooLong),
            ("/password", FieldCode::CommonPassword)
        ]
    );
}

#[tokio::test]
async fn a_tenant_may_take_nobody_who_comes_by_themselves() {
    for signup in [SignupPolicy::Closed, SignupPolicy::Invitation] {
        let world =
            World::with(PlacementMode::Shared, TenantSettings { signup, ..TenantSettings::default() }).await;
        let refused =
            world.auth.sign_up(&world.tenant.open(), by_email("ada@example.com")).await.unwrap_err();
        assert_eq!(refused.code(), Code::SignupClosed);
        let token = finalize(Secret::new("x".repeat(64)));
        let refused = world.auth.finalize_sign_up(&world.tenant.open(), token).await.unwrap_err();
        assert_eq!(refused.code(), Code::SignupClosed);
    }
}

#[tokio::test]
async fn v6_6_2_codes_and_tokens_are_good_in_their_tenant_alone() {
    let (one, other) = (World::new(PlacementMode::Shared).await, World::new(PlacementMode::Shared).await);
    let challenge = one.auth.sign_up(&one.tenant.open(), by_email("ada@example.com")).await.unwrap();
    let code = one.last_code().await;
    let elsewhere = other.auth.verify_code(&other.tenant.open(), challenge.id, &code).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::ChallengeInvalid);
    let token = one.auth.verify_code(&one.tenant.open(), challenge.id, &code).await.unwrap().token;
    let elsewhere = other.auth.finalize_sign_up(&other.tenant.open(), finalize(token)).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::SignupTokenInvalid);
}

#[tokio::test]
async fn v14_2_nothing_secret_is_kept_in_the_clear() {
    let world = World::new(PlacementMode::Database).await;
    let ctx = world.tenant.open();
    let challenge = world.auth.sign_up(&ctx, by_email("ada@example.com")).await.unwrap();
    let code = world.last_code().await;
    let token = world.auth.verify_code(&ctx, challenge.id, &code).await.unwrap().token;
    let (_, tokens) = signed_in(world.auth.finalize_sign_up(&ctx, finalize(token.clone())).await.unwrap());
    let secrets = [
        code.expose(),
        token.expose(),
        tokens.refresh_token.expose(),
        tokens.access_token.expose(),
        PASSWORD,
        "ada@example.com",
    ];
    let tables = [
        "challenges",
        "one_time_tokens",
        "credentials",
        "sessions",
        "known_devices",
        "attempts",
        "ouvira_core.outbox",
    ];
    for table in tables {
        let rows = world.rows("*", table).await;
        let text = serde_json::to_string(&rows).unwrap();
        for secret in secrets {
            let hex = hex(secret);
            // Six digits turn up in an id or a time by chance, but not between quotes.
            let quoted = format!("\"{secret}\"");
            assert!(!text.contains(&quoted) && !text.contains(&hex), "{table} shows {secret}");
        }
    }
}

/// As Postgres shows bytes.
fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}
