use chrono::Duration;
use ouvira_auth::{AuthError, Challenge, FinalizeSignUp, Reauthentication};
use ouvira_common::{
    context::RequestContext,
    page::PageRequest,
    problem::{Code, Failure as _},
    secret::Secret,
    tenant::PlacementMode,
    text::{Address, Channel},
};

use crate::support::{PASSWORD, World, by_email, by_phone, finalize, signed_in};

fn address(text: &str) -> Address {
    Address::parse("/address", text).unwrap()
}

async fn ask(world: &World, ctx: &RequestContext, new: &str) -> Challenge {
    world.auth.change_address(ctx, &address(new)).await.unwrap()
}

#[tokio::test]
async fn v6_3_7_a_new_address_is_taken_over_once_proven_and_the_former_one_is_told_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let (person, tokens) = world.sign_up("ada@example.com").await;
        let ctx = world.context(&tokens).await;
        let challenge = ask(&world, &ctx, "ada@new.example").await;
        let code = world.last_code().await;
        assert_eq!(world.messages().await.last().unwrap().template, "address_code");
        let wrong = world.auth.confirm_address(&ctx, Channel::Email, challenge.id, &Secret::new("x")).await;
        assert_eq!(wrong.unwrap_err().code(), Code::OtpInvalid);
        let after = world.auth.confirm_address(&ctx, Channel::Email, challenge.id, &code).await.unwrap();
        assert_eq!((after.id, after.email_verified), (person.id, true));
        let told = world.messages().await.pop().unwrap();
        assert_eq!((&*told.template, told.to.as_str()), ("address_changed", "ada@example.com"));
        assert_eq!(told.data["address"], "a…@new.example");
        signed_in(world.login("ada@new.example", PASSWORD).await.unwrap());
        assert!(world.login("ada@example.com", PASSWORD).await.is_err());
    }
}

#[tokio::test]
async fn v6_6_2_a_challenge_is_good_for_its_user_its_kind_and_its_purpose_alone() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, ada) = world.sign_up("ada@example.com").await;
    let (_, eve) = world.sign_up("eve@example.com").await;
    let (ada, eve) = (world.context(&ada).await, world.context(&eve).await);
    let challenge = ask(&world, &ada, "ada@new.example").await;
    let code = world.last_code().await;
    let confirm = async |ctx: &RequestContext, channel| {
        world
            .auth
            .confirm_address(ctx, channel, challenge.id, &code)
            .await
            .map(|_| ())
            .map_err(|error| error.code())
    };
    for _ in 0..6 {
        assert_eq!(confirm(&eve, Channel::Email).await, Err(Code::ChallengeInvalid));
    }
    assert_eq!(confirm(&ada, Channel::Sms).await, Err(Code::ChallengeInvalid));
    let as_sign_up = world.auth.verify_code(&world.tenant.open(), challenge.id, &code).await.unwrap_err();
    assert_eq!(as_sign_up.code(), Code::ChallengeInvalid);
    assert_eq!(confirm(&ada, Channel::Email).await, Ok(()), "others have not spent its tries");
    assert_eq!(confirm(&ada, Channel::Email).await, Err(Code::ChallengeInvalid));
}

#[tokio::test]
async fn asking_for_somebody_elses_address_looks_the_same_and_leads_nowhere() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    world.sign_up("eve@example.com").await;
    let ctx = world.context(&tokens).await;
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    auth.change_address(&ctx, &address("warm@example.com")).await.unwrap();
    let mut seen = Vec::new();
    for new in ["eve@example.com", "free@example.com"] {
        let before = wire.statements();
        let challenge = auth.change_address(&ctx, &address(new)).await.unwrap();
        seen.push((challenge.channel, challenge.expires_at, wire.statements() - before));
    }
    assert_eq!(seen[0], seen[1]);
    let messages = world.messages().await;
    assert_eq!(messages[messages.len() - 2].template, "signup_existing_account");
}

#[tokio::test]
async fn a_pending_change_is_void_once_the_owner_of_the_address_has_an_account() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, eve) = world.sign_up("eve@example.com").await;
    let eve = world.context(&eve).await;
    let challenge = ask(&world, &eve, "victim@example.com").await;
    // Suppose the code reached the attacker all the same.
    let code = world.last_code().await;
    world.sign_up("victim@example.com").await;
    let late = world.auth.confirm_address(&eve, Channel::Email, challenge.id, &code).await.unwrap_err();
    assert_eq!(late.code(), Code::ChallengeInvalid);
}

async fn with_claim(
    world: &World,
    phone: &str,
    email: &str,
) -> (ouvira_common::ports::Person, RequestContext) {
    let ctx = world.tenant.open();
    let challenge = world.auth.sign_up(&ctx, by_phone(phone)).await.unwrap();
    let token = world.auth.verify_code(&ctx, challenge.id, &world.last_code().await).await.unwrap().token;
    let claiming = FinalizeSignUp { email: Some(email.to_owned()), ..finalize(token) };
    let (person, tokens) = signed_in(world.auth.finalize_sign_up(&ctx, claiming).await.unwrap());
    (person, world.context(&tokens).await)
}

async fn last_token(world: &World) -> Secret {
    Secret::new(world.messages().await.last().unwrap().data["token"].as_str().unwrap())
}

#[tokio::test]
async fn v6_3_6_a_claimed_address_opens_no_login_until_its_link_was_followed() {
    let world = World::new(PlacementMode::Shared).await;
    let (person, ctx) = with_claim(&world, "+33612345678", "ada@example.com").await;
    assert!(!person.email_verified);
    assert!(world.login("ada@example.com", PASSWORD).await.is_err());
    let first = last_token(&world).await;
    world.auth.resend_verification(&ctx).await.unwrap();
    let token = last_token(&world).await;
    assert_ne!(first.expose(), token.expose());
    world.auth.verify_email(&world.tenant.open(), &token).await.unwrap();
    signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
    let again = world.auth.verify_email(&world.tenant.open(), &token).await.unwrap_err();
    assert_eq!(again.code(), Code::VerificationTokenInvalid);
    let sent = world.messages().await.len();
    world.auth.resend_verification(&ctx).await.unwrap();
    assert_eq!(world.messages().await.len(), sent, "there is nothing left to verify");
}

#[tokio::test]
async fn a_claim_goes_to_whoever_verifies_it_first() {
    let world = World::new(PlacementMode::Shared).await;
    with_claim(&world, "+33612345678", "victim@example.com").await;
    let link = last_token(&world).await;
    let (victim, _) = world.sign_up("victim@example.com").await;
    let late = world.auth.verify_email(&world.tenant.open(), &link).await.unwrap_err();
    assert_eq!(late.code(), Code::VerificationTokenInvalid);
    let (who, _) = signed_in(world.login("victim@example.com", PASSWORD).await.unwrap());
    assert_eq!(who.id, victim.id);
}

#[tokio::test]
async fn claiming_an_address_that_is_taken_tells_its_holder_and_nobody_else() {
    let world = World::new(PlacementMode::Shared).await;
    world.sign_up("ada@example.com").await;
    let (person, _) = with_claim(&world, "+33612345678", "ada@example.com").await;
    assert!(person.email.is_some());
    let told = world.messages().await.pop().unwrap();
    assert_eq!((&*told.template, told.to.as_str()), ("signup_existing_account", "ada@example.com"));
}

#[tokio::test]
async fn v7_5_3_proving_oneself_again_keeps_the_session_and_voids_the_former_refresh_token() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    world.tenant.clock().advance(Duration::minutes(11));
    let ctx =
        world.context(&world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap()).await;
    let refused = world.auth.change_address(&ctx, &address("ada@new.example")).await.unwrap_err();
    assert_eq!(refused.code(), Code::ReauthenticationRequired);
    let wrong = Reauthentication::Password(Secret::new("wrong password"));
    assert_eq!(world.auth.reauthenticate(&ctx, &wrong).await.unwrap_err().code(), Code::PasswordIncorrect);
    let code = Reauthentication::SecondFactor(ouvira_auth::SecondFactorProof::Totp(Secret::new("123456")));
    assert_eq!(world.auth.reauthenticate(&ctx, &code).await.unwrap_err().code(), Code::OtpInvalid);

    let before = world.rows("n", "sessions").await;
    let right = Reauthentication::Password(Secret::new(PASSWORD));
    let pair = world.auth.reauthenticate(&ctx, &right).await.unwrap();
    assert_eq!(pair.session, tokens.session);
    assert_eq!(world.rows("n", "sessions").await[0]["n"].as_i64(), before[0]["n"].as_i64().map(|n| n + 1));
    let fresh = world.context(&pair).await;
    assert_eq!(fresh.authentication().at.unwrap().timestamp(), world.tenant.now().timestamp());
    ask(&world, &fresh, "ada@new.example").await;
    let next = world.auth.refresh(&world.tenant.open(), &pair.refresh_token).await.unwrap();
    let kept = world.context(&next).await;
    assert_eq!(kept.authentication().at.unwrap().timestamp(), world.tenant.now().timestamp());
    let former = world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap_err();
    assert!(matches!(former, AuthError::RefreshTokenReused), "{former:?}");
}

/// What somebody who prepared things with a stranger's address could hope for (Sudhodanan and Paverd, USENIX Security 2022).
#[tokio::test]
async fn nothing_prepared_with_a_strangers_address_is_worth_anything_once_they_come_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let anybody = world.tenant.open();
        // An account of one's own that claims the address, with a session that stays open …
        let (eve, open) = with_claim(&world, "+33612345678", "victim@example.com").await;
        let link = last_token(&world).await;
        // … and a second factor; …
        let secret = world.auth.enable_second_factor(&open, &Secret::new(PASSWORD)).await.unwrap().secret;
        let secret = totp_rs::Secret::try_from_base32(secret.expose()).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let seconds = u64::try_from(world.tenant.now().timestamp()).unwrap();
        let code = Secret::new(totp.generate(seconds).to_string());
        world.auth.confirm_second_factor(&open, &code).await.unwrap();
        // … a sign-up begun with the address; an account that is about to change to it.
        let begun = world.auth.sign_up(&anybody, by_email("victim@example.com")).await.unwrap();
        let begun_code = world.last_code().await;
        let (_, mallory) = world.sign_up("mallory@example.com").await;
        let mallory = world.context(&mallory).await;
        let pending = ask(&world, &mallory, "victim@example.com").await;
        let pending_code = world.last_code().await;

        let (victim, _) = world.sign_up("victim@example.com").await;
        assert_ne!(victim.id, eve.id);
        // Their password alone signs them in: no factor but theirs, no account but theirs.
        assert_eq!(signed_in(world.login("victim@example.com", PASSWORD).await.unwrap()).0.id, victim.id);
        let late = world.auth.verify_email(&anybody, &link).await.unwrap_err();
        assert_eq!(late.code(), Code::VerificationTokenInvalid);
        let late = world.auth.confirm_address(&mallory, Channel::Email, pending.id, &pending_code).await;
        assert_eq!(late.unwrap_err().code(), Code::ChallengeInvalid);
        if let Ok(token) = world.auth.verify_code(&anybody, begun.id, &begun_code).await {
            let late = world.auth.finalize_sign_up(&anybody, finalize(token.token)).await.unwrap_err();
            assert_eq!(late.code(), Code::SignupTokenInvalid);
        }
        // The open session is still the attacker's own, and sees nothing of the victim's.
        assert_eq!(open.principal().user_id(), Some(eve.id));
        let sessions = world.auth.list_sessions(&open, PageRequest::default()).await.unwrap();
        assert!(sessions.items.iter().all(|session| session.current), "{sessions:?}");
    }
}
