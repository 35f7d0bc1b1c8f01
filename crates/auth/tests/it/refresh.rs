use chrono::Duration;
use ouvira_common::{
    problem::{Code, Failure as _},
    secret::Secret,
    settings::TenantSettings,
    tenant::PlacementMode,
    testing::Cut,
};

use crate::support::World;

async fn refresh(world: &World, token: &Secret) -> Result<Secret, Code> {
    let answer = world.auth.refresh(&world.tenant.open(), token).await;
    answer.map(|tokens| tokens.refresh_token).map_err(|error| error.code())
}

#[tokio::test]
async fn v7_2_3_each_refresh_gives_the_next_pair_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let (_, mut tokens) = world.sign_up("ada@example.com").await;
        for _ in 0..3 {
            world.tenant.clock().advance(Duration::minutes(20));
            let next = world.auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap();
            assert_eq!(next.session, tokens.session);
            assert_ne!(next.refresh_token.expose(), tokens.refresh_token.expose());
            assert_eq!((next.expires_in, next.refresh_expires_in), (900, 30 * 24 * 3600));
            assert!(world.passes(&next).await);
            tokens = next;
        }
    }
}

#[tokio::test]
async fn v10_4_5_a_lost_answer_can_be_asked_for_again_for_ten_seconds() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, first) = world.sign_up("ada@example.com").await;
    let second = refresh(&world, &first.refresh_token).await.unwrap();
    world.tenant.clock().advance(Duration::seconds(10));
    let again = refresh(&world, &first.refresh_token).await.unwrap();
    assert_eq!(again.expose(), second.expose());
    assert!(refresh(&world, &second).await.is_ok());
}

#[tokio::test]
async fn v10_4_5_reuse_ends_the_family_and_is_told() {
    for grace_is_over in [true, false] {
        let world = World::new(PlacementMode::Schema).await;
        let (person, first) = world.sign_up("ada@example.com").await;
        let second = world.auth.refresh(&world.tenant.open(), &first.refresh_token).await.unwrap();
        if grace_is_over {
            world.tenant.clock().advance(Duration::seconds(11));
        } else {
            refresh(&world, &second.refresh_token).await.unwrap();
        }
        assert!(world.passes(&second).await);
        assert_eq!(refresh(&world, &first.refresh_token).await.unwrap_err(), Code::RefreshTokenReused);
        assert!(!world.passes(&second).await);
        assert_eq!(refresh(&world, &second.refresh_token).await.unwrap_err(), Code::RefreshTokenInvalid);
        let last = world.audit.security_events().pop().unwrap();
        assert_eq!((last.event, last.user), ("refresh.reused", Some(person.id)));
        assert_eq!(world.notifier.notices().pop().unwrap().kind, "session.ended_for_reuse");
        assert_eq!(world.messages().await.pop().unwrap().template, "session_ended_for_reuse");
    }
}

#[tokio::test]
async fn v10_4_5_the_same_token_fifty_times_at_once_is_one_rotation() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let all: Vec<_> = (0..50)
        .map(|_| {
            let (auth, ctx, token) = (world.auth.clone(), world.tenant.open(), tokens.refresh_token.clone());
            tokio::spawn(async move {
                auth.refresh(&ctx, &token).await.unwrap().refresh_token.expose().to_owned()
            })
        })
        .collect();
    let mut successors = Vec::new();
    for one in all {
        successors.push(one.await.unwrap());
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
    assert_eq!(world.rows("n", "sessions").await[0]["n"], 2);
}

#[tokio::test]
async fn what_was_not_made_by_us_changes_nothing() {
    let (world, other) = (World::new(PlacementMode::Shared).await, World::new(PlacementMode::Shared).await);
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let token = tokens.refresh_token.expose();
    let flipped = |at: usize| {
        let mut text = token.to_owned();
        let replacement = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        text.replace_range(at..=at, replacement);
        text
    };
    let mut forged =
        vec![String::new(), "x".repeat(75), "x".repeat(100_000), token[..74].to_owned(), format!("{token}=")];
    forged.extend((0..token.len()).step_by(5).map(flipped));
    for text in forged {
        assert_eq!(
            refresh(&world, &Secret::new(&*text)).await.unwrap_err(),
            Code::RefreshTokenInvalid,
            "{text:.80}"
        );
    }
    assert_eq!(refresh(&other, &tokens.refresh_token).await.unwrap_err(), Code::RefreshTokenInvalid);
    let row = &world.rows("n, ended_at", "sessions").await[0];
    assert_eq!((row["n"].as_i64(), row["ended_at"].is_null()), (Some(1), true));
    assert!(refresh(&world, &tokens.refresh_token).await.is_ok());
}

#[tokio::test]
async fn v7_3_1_v7_3_2_v10_4_8_sessions_end_when_they_rest_too_long_and_in_any_case_at_last() {
    let settings = TenantSettings {
        session_idle_minutes: 60,
        session_absolute_minutes: 150,
        ..TenantSettings::default()
    };
    let world = World::with(PlacementMode::Shared, settings).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    assert_eq!(tokens.refresh_expires_in, 3600);
    let mut token = tokens.refresh_token;
    for _ in 0..2 {
        world.tenant.clock().advance(Duration::minutes(59));
        token = refresh(&world, &token).await.unwrap();
    }
    let last = world.auth.refresh(&world.tenant.open(), &token).await.unwrap();
    assert_eq!(last.refresh_expires_in, 32 * 60);
    world.tenant.clock().advance(Duration::minutes(32));
    assert_eq!(refresh(&world, &last.refresh_token).await.unwrap_err(), Code::RefreshTokenInvalid);
}

#[tokio::test]
async fn a_refresh_is_two_flights() {
    let world = World::new(PlacementMode::Shared).await;
    let (_, tokens) = world.sign_up("ada@example.com").await;
    let (db, wire) = world.tenant.counted_db();
    let auth = world.through(db);
    let warm = auth.refresh(&world.tenant.open(), &tokens.refresh_token).await.unwrap();
    let before = wire.flights();
    auth.refresh(&world.tenant.open(), &warm.refresh_token).await.unwrap();
    assert_eq!(wire.flights() - before, 2);
}

#[tokio::test]
async fn a_database_that_fails_during_commit_costs_nobody_their_session() {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let world = World::new(PlacementMode::Shared).await;
        let (_, first) = world.sign_up("ada@example.com").await;
        let (db, wire) = world.tenant.counted_db();
        let auth = world.through(db);
        let second = auth.refresh(&world.tenant.open(), &first.refresh_token).await.unwrap();
        wire.cut(cut);
        let third = auth.refresh(&world.tenant.open(), &second.refresh_token).await.unwrap();
        let n = world.rows("n", "sessions").await[0]["n"].as_i64();
        assert_eq!(n, Some(if cut == Cut::AfterCommit { 3 } else { 2 }), "{cut:?}");
        assert!(world.passes(&third).await, "{cut:?}");
        // The answer arrived, so what follows may take any time.
        world.tenant.clock().advance(Duration::days(3));
        let fourth = auth.refresh(&world.tenant.open(), &third.refresh_token).await.unwrap();
        assert!(world.passes(&fourth).await, "{cut:?}");
        assert_eq!(world.rows("n", "sessions").await[0]["n"], 4);
        // And what was traded before it is worth what it always was.
        world.tenant.clock().advance(Duration::seconds(11));
        assert_eq!(refresh(&world, &second.refresh_token).await.unwrap_err(), Code::RefreshTokenReused);
        assert!(!world.passes(&fourth).await, "{cut:?}");
    }
}

#[tokio::test]
async fn a_database_that_lost_the_last_rotations_takes_the_tokens_it_gave_out() {
    let world = World::new(PlacementMode::Database).await;
    let (_, first) = world.sign_up("ada@example.com").await;
    let second = refresh(&world, &first.refresh_token).await.unwrap();
    let third = refresh(&world, &second).await.unwrap();
    // As after a failover to a server that was behind.
    world.tenant.owner_sql("UPDATE sessions SET n = 1").await;
    world.tenant.clock().advance(Duration::hours(1));
    assert!(refresh(&world, &third).await.is_ok());
    assert_eq!(world.rows("n", "sessions").await[0]["n"], 4);
}
