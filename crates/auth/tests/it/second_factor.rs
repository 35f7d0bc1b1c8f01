use chrono::Duration;
use ouvira_auth::{AuthError, LoginOutcome, SecondFactorProof};
use ouvira_common::{
    db::SessionScope,
    ports::{IssuedTokens, Person},
    problem::{Code, Failure as _},
    secret::Secret,
    settings::TenantSettings,
    tenant::PlacementMode,
};
use totp_rs::{Builder, Secret as TotpSecret};

use crate::{
    password,
    support::{PASSWORD, World, by_email, finalize, signed_in},
};

/// An authenticator, in somebody's pocket.
struct Authenticator(totp_rs::Totp);

impl Authenticator {
    fn of(base32: &str) -> Self {
        Self(Builder::new().with_secret(TotpSecret::try_from_base32(base32).unwrap()).build().unwrap())
    }

    fn code(&self, world: &World) -> Secret {
        let seconds = u64::try_from(world.tenant.now().timestamp()).unwrap();
        Secret::new(self.0.generate(seconds).to_string())
    }
}

fn next_step(world: &World) {
    world.tenant.clock().advance(Duration::seconds(30));
}

struct Enrolled {
    person: Person,
    tokens: IssuedTokens,
    authenticator: Authenticator,
    backup_codes: Vec<String>,
}

async fn enrol(world: &World, email: &str) -> Enrolled {
    let (person, tokens) = world.sign_up(email).await;
    let ctx = world.context(&tokens).await;
    let enrolment = world.auth.enable_second_factor(&ctx, &Secret::new(PASSWORD)).await.unwrap();
    let authenticator = Authenticator::of(enrolment.secret.expose());
    let codes = world.auth.confirm_second_factor(&ctx, &authenticator.code(world)).await.unwrap();
    Enrolled { person, tokens, authenticator, backup_codes: codes.expose().to_vec() }
}

async fn challenge(world: &World, email: &str) -> ouvira_auth::LoginChallengeId {
    match world.login(email, PASSWORD).await.unwrap() {
        LoginOutcome::SecondFactorRequired(challenge) => challenge.id,
        other => panic!("no second factor was asked for: {other:?}"),
    }
}

async fn finish(
    world: &World,
    id: ouvira_auth::LoginChallengeId,
    proof: SecondFactorProof,
) -> Result<IssuedTokens, Code> {
    let outcome = world.auth.login_second_factor(&world.tenant.open(), id, &proof).await;
    outcome.map(|outcome| signed_in(outcome).1).map_err(|error| error.code())
}

fn totp(code: &Secret) -> SecondFactorProof {
    SecondFactorProof::Totp(code.clone())
}

fn backup(code: &str) -> SecondFactorProof {
    SecondFactorProof::Backup(Secret::new(code))
}

#[tokio::test]
async fn a_second_factor_is_set_up_and_asked_for_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let ada = enrol(&world, "ada@example.com").await;
        assert!(world.users.second_factor(ada.person.id));
        assert_eq!(world.messages().await.pop().unwrap().template, "second_factor_changed");
        next_step(&world);
        let id = challenge(&world, "ada@example.com").await;
        let tokens = finish(&world, id, totp(&ada.authenticator.code(&world))).await.unwrap();
        let ctx = world.context(&tokens).await;
        assert_eq!(ctx.authentication().amr, ["pwd", "otp"]);
        let id = challenge(&world, "ada@example.com").await;
        let tokens = finish(&world, id, backup(&ada.backup_codes[3].to_uppercase())).await.unwrap();
        assert_eq!(world.context(&tokens).await.authentication().amr, ["pwd", "rcv"]);
    }
}

#[tokio::test]
async fn setting_it_up_shows_the_secret_in_three_ways() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let enrolment =
        world.auth.enable_second_factor(&world.context(&tokens).await, &Secret::new(PASSWORD)).await.unwrap();
    let (secret, uri) = (enrolment.secret.expose(), enrolment.uri.expose());
    assert!(uri.starts_with("otpauth://totp/Test:ada%40example.com?"), "{uri}");
    assert!(uri.contains(&format!("secret={secret}")), "{uri}");
    assert!(enrolment.qr_svg.expose().contains("<svg"));
    let kept = world.rows("*", "totp_factors").await;
    assert!(kept[0]["confirmed_at"].is_null());
    // Nothing is asked for before it was confirmed.
    signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
}

#[tokio::test]
async fn v6_5_1_a_time_step_is_accepted_once_also_on_two_nodes_at_once() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    let used = ada.authenticator.code(&world);
    let id = challenge(&world, "ada@example.com").await;
    assert_eq!(finish(&world, id, totp(&used)).await.unwrap_err(), Code::OtpInvalid, "used to confirm");

    next_step(&world);
    let code = ada.authenticator.code(&world);
    let nodes = [std::sync::Arc::new(world.through(world.tenant.another_db(4))), world.auth.clone()];
    let mut ids = Vec::new();
    for _ in 0..8 {
        ids.push(challenge(&world, "ada@example.com").await);
    }
    let all: Vec<_> = (0..48)
        .map(|number| {
            let (auth, ctx, id) = (nodes[number % 2].clone(), world.tenant.open(), ids[number % 8]);
            let proof = totp(&code);
            tokio::spawn(async move { auth.login_second_factor(&ctx, id, &proof).await })
        })
        .collect();
    let mut winners = 0;
    for one in all {
        match one.await.unwrap() {
            Ok(_) => winners += 1,
            Err(error) => assert!(
                matches!(
                    error.code(),
                    Code::OtpInvalid | Code::OtpExhausted | Code::ChallengeInvalid | Code::RateLimited
                ),
                "{error:?}"
            ),
        }
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn v6_5_1_a_backup_code_fifty_times_at_once_has_one_winner() {
    let world = World::new(PlacementMode::Schema).await;
    let ada = enrol(&world, "ada@example.com").await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(challenge(&world, "ada@example.com").await);
    }
    let all: Vec<_> = (0..50)
        .map(|number| {
            let (auth, ctx, id) = (world.auth.clone(), world.tenant.open(), ids[number % 10]);
            let proof = backup(&ada.backup_codes[0]);
            tokio::spawn(async move { auth.login_second_factor(&ctx, id, &proof).await.is_ok() })
        })
        .collect();
    let mut winners = 0;
    for one in all {
        winners += usize::from(one.await.unwrap());
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn v6_6_3_ten_wrong_codes_close_the_account_for_an_hour_over_all_logins_and_the_user_is_told() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    next_step(&world);
    for login in 0..2 {
        let id = challenge(&world, "ada@example.com").await;
        for guess in 1..=5 {
            let refused = finish(&world, id, totp(&Secret::new("000000x"))).await.unwrap_err();
            let expected = if guess == 5 { Code::OtpExhausted } else { Code::OtpInvalid };
            assert_eq!(refused, expected, "login {login}, guess {guess}");
        }
        assert_eq!(finish(&world, id, totp(&Secret::new("1"))).await.unwrap_err(), Code::ChallengeInvalid);
    }
    let told = world.messages().await.pop().unwrap();
    assert_eq!((told.template.as_ref(), told.data["minutes"].as_u64()), ("account_locked", Some(60)));
    let id = challenge(&world, "ada@example.com").await;
    let right = totp(&ada.authenticator.code(&world));
    assert_eq!(finish(&world, id, right.clone()).await.unwrap_err(), Code::RateLimited);
    let ctx = world.context(&ada.tokens).await;
    let elsewhere = world.auth.disable_second_factor(&ctx, &Secret::new(PASSWORD), &right).await.unwrap_err();
    assert_eq!(elsewhere.code(), Code::RateLimited);
    world.tenant.clock().advance(Duration::hours(1));
    let id = challenge(&world, "ada@example.com").await;
    assert!(finish(&world, id, totp(&ada.authenticator.code(&world))).await.is_ok());
}

#[tokio::test]
async fn v7_4_3_losing_the_factor_ends_all_other_sessions_and_needs_both_factors() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    let id = challenge(&world, "ada@example.com").await;
    let other = finish(&world, id, backup(&ada.backup_codes[0])).await.unwrap();
    next_step(&world);
    let ctx = world.context(&ada.tokens).await;
    let waiting = challenge(&world, "ada@example.com").await;
    let disable = async |password: &str, proof: SecondFactorProof| {
        world
            .auth
            .disable_second_factor(&ctx, &Secret::new(password), &proof)
            .await
            .map_err(|error| error.code())
    };
    assert_eq!(disable("wrong password", backup(&ada.backup_codes[1])).await, Err(Code::PasswordIncorrect));
    assert_eq!(disable(PASSWORD, totp(&Secret::new("12"))).await, Err(Code::OtpInvalid));
    assert!(world.passes(&other).await);
    assert_eq!(disable(PASSWORD, backup(&ada.backup_codes[1])).await, Ok(()));
    assert!(!world.passes(&other).await && world.passes(&ada.tokens).await);
    assert!(!world.users.second_factor(ada.person.id));
    let void = finish(&world, waiting, backup(&ada.backup_codes[2])).await;
    assert_eq!(void.unwrap_err(), Code::ChallengeInvalid);
    signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
}

#[tokio::test]
async fn new_backup_codes_make_the_former_ones_void() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    let ctx = world.context(&ada.tokens).await;
    let (password, proof) = (Secret::new(PASSWORD), backup(&ada.backup_codes[0]));
    let renewed = world.auth.renew_backup_codes(&ctx, &password, &proof).await.unwrap();
    assert_eq!(renewed.expose().len(), 10);
    let id = challenge(&world, "ada@example.com").await;
    assert_eq!(finish(&world, id, backup(&ada.backup_codes[1])).await.unwrap_err(), Code::OtpInvalid);
    assert!(finish(&world, id, backup(&renewed.expose()[1])).await.is_ok());
}

#[tokio::test]
async fn steps_out_of_order_are_conflicts() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let ctx = world.context(&tokens).await;
    let code = Secret::new("123456");
    assert_eq!(world.auth.confirm_second_factor(&ctx, &code).await.unwrap_err().code(), Code::NotPending);
    let wrong = world.auth.enable_second_factor(&ctx, &Secret::new("wrong password")).await;
    assert_eq!(wrong.unwrap_err().code(), Code::PasswordIncorrect);
    let first = world.auth.enable_second_factor(&ctx, &Secret::new(PASSWORD)).await.unwrap();
    let second = world.auth.enable_second_factor(&ctx, &Secret::new(PASSWORD)).await.unwrap();
    assert_ne!(first.secret.expose(), second.secret.expose());
    let stale = Authenticator::of(first.secret.expose()).code(&world);
    assert_eq!(world.auth.confirm_second_factor(&ctx, &stale).await.unwrap_err().code(), Code::OtpInvalid);
    let fresh = Authenticator::of(second.secret.expose()).code(&world);
    world.auth.confirm_second_factor(&ctx, &fresh).await.unwrap();
    let again = world.auth.enable_second_factor(&ctx, &Secret::new(PASSWORD)).await;
    assert_eq!(again.unwrap_err().code(), Code::AlreadyEnabled);
    world.tenant.clock().advance(Duration::minutes(11));
    let ctx =
        world.context(&world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap()).await;
    let late = world.auth.disable_second_factor(&ctx, &Secret::new(PASSWORD), &totp(&fresh)).await;
    assert_eq!(late.unwrap_err().code(), Code::ReauthenticationRequired);
}

#[tokio::test]
async fn somebody_signed_in_guesses_ten_passwords_an_hour() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let ctx = world.context(&tokens).await;
    for _ in 0..10 {
        let wrong = world.auth.enable_second_factor(&ctx, &Secret::new("wrong password")).await;
        assert_eq!(wrong.unwrap_err().code(), Code::PasswordIncorrect);
    }
    let right = world.auth.enable_second_factor(&ctx, &Secret::new(PASSWORD)).await.unwrap_err();
    assert!(matches!(right, AuthError::TooMany { .. }), "{right:?}");
}

#[tokio::test]
async fn v6_3_3_who_must_enrol_gets_the_full_pair_after_it() {
    let settings = TenantSettings { require_two_factor: true, ..TenantSettings::default() };
    let world = World::with(PlacementMode::Shared, settings).await;
    let ctx = world.tenant.open();
    let asked = world.auth.sign_up(&ctx, by_email("ada@example.com")).await.unwrap();
    let token = world.auth.verify_code(&ctx, asked.id, &world.last_code().await).await.unwrap();
    let outcome = world.auth.finalize_sign_up(&ctx, finalize(token.token)).await.unwrap();
    let LoginOutcome::SetupRequired { tokens } = outcome else { panic!("{outcome:?}") };

    let enrolling = world.enrolling(&tokens).await;
    let enrolment = world.auth.enable_second_factor(&enrolling, &Secret::new(PASSWORD)).await.unwrap();
    let authenticator = Authenticator::of(enrolment.secret.expose());
    world.auth.confirm_second_factor(&enrolling, &authenticator.code(&world)).await.unwrap();
    let full = world.auth.refresh(&ctx, &tokens.refresh_token).await.unwrap();
    assert_eq!(full.scope, SessionScope::Full);
    assert!(world.passes(&full).await);
    assert_eq!(world.context(&full).await.authentication().amr, ["pwd", "email", "otp"]);

    next_step(&world);
    let id = challenge(&world, "ada@example.com").await;
    let tokens = finish(&world, id, totp(&authenticator.code(&world))).await.unwrap();
    assert_eq!(tokens.scope, SessionScope::Full);
}

#[tokio::test]
async fn v6_4_3_a_new_password_by_a_link_does_not_bypass_the_second_factor() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    world.auth.forgot_password(&world.tenant.open(), "ada@example.com").await.unwrap();
    password::work(&world).await;
    let token = password::last_token(&world).await;
    password::reset(&world, &token, password::NEW).await.unwrap();
    assert!(!world.passes(&ada.tokens).await);
    let outcome = world.login("ada@example.com", password::NEW).await.unwrap();
    assert!(matches!(outcome, LoginOutcome::SecondFactorRequired(_)), "{outcome:?}");
}

#[tokio::test]
async fn v6_5_2_ten_backup_codes_of_128_bits_are_kept_as_hashes() {
    let world = World::new(PlacementMode::Shared).await;
    let ada = enrol(&world, "ada@example.com").await;
    let kept = serde_json::to_string(&world.rows("*", "backup_codes").await).unwrap();
    let mut codes: Vec<u128> = Vec::new();
    for code in &ada.backup_codes {
        let digits = code.replace('-', "");
        assert!(digits.len() == 32 && !kept.contains(&digits) && !kept.contains(code.as_str()), "{code}");
        codes.push(u128::from_str_radix(&digits, 16).unwrap());
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 10);
}
