use chrono::Duration;
use ouvira_auth::Forgotten;
use ouvira_common::tenant::PlacementMode;

use crate::support::{PASSWORD, World, by_email, signed_in};

const TABLES: [&str; 6] =
    ["challenges", "one_time_tokens", "login_challenges", "sessions", "known_devices", "attempts"];

async fn count(world: &World, table: &str) -> usize {
    world.rows("1", table).await.len()
}

#[tokio::test]
async fn what_is_over_is_forgotten_in_its_time_and_what_lives_stays_in_every_placement() {
    for mode in PlacementMode::ALL {
        let world = World::new(mode).await;
        let forget = async || world.auth.forget_lapsed(&world.tenant.job(), 100).await.unwrap().rows;
        let (_, first) = world.sign_up("ada@example.com").await;
        let (_, ended) = signed_in(world.login("ada@example.com", PASSWORD).await.unwrap());
        world.auth.logout(&world.context(&ended).await).await.unwrap();
        world.auth.sign_up(&world.tenant.open(), by_email("bob@example.com")).await.unwrap();
        world.login("ada@example.com", "wrong, all of it").await.unwrap_err();
        assert_eq!(forget().await, 0, "nothing is over yet");

        world.tenant.clock().advance(Duration::days(8));
        assert!(forget().await > 0);
        for table in ["challenges", "one_time_tokens", "attempts"] {
            assert_eq!(count(&world, table).await, 0, "{table}");
        }
        assert_eq!((count(&world, "sessions").await, count(&world, "known_devices").await), (2, 1));

        world.tenant.clock().advance(Duration::days(20));
        let second = world.auth.refresh(&world.tenant.open(), &first.refresh_token).await.unwrap();
        world.tenant.clock().advance(Duration::days(5));
        assert_eq!(forget().await, 1, "the session that was signed out of");
        let gone = format!("SELECT 1 FROM ouvira_core.gate_sessions WHERE session_id = '{}'", ended.session);
        assert_eq!(world.tenant.owner_rows(&gone).await.len(), 0, "and at the gate");
        assert!(world.auth.refresh(&world.tenant.open(), &second.refresh_token).await.is_ok());

        world.tenant.clock().advance(Duration::days(500));
        forget().await;
        for table in TABLES {
            assert_eq!(count(&world, table).await, 0, "{table}");
        }
        assert_eq!(count(&world, "credentials").await, 1);
        assert!(world.login("ada@example.com", PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn more_than_one_batch_goes_and_two_at_once_are_no_trouble() {
    let world = World::new(PlacementMode::Shared).await;
    let tenant = world.tenant.tenant().id;
    world
        .tenant
        .owner_sql(&format!(
            "INSERT INTO attempts (tenant_id, kind, subject, count, resets_at) \
             SELECT '{tenant}', 'codes_sent', sha256(n::text::bytea), 1, '2020-01-01' FROM generate_series(1, 1200) n"
        ))
        .await;
    let ctx = world.tenant.job();
    let forget = async || world.auth.forget_lapsed(&ctx, 500).await.unwrap();
    let (one, other) = tokio::join!(forget(), forget());
    assert_eq!((one.rows + other.rows, one.more, other.more), (1000, true, true));
    assert_eq!(forget().await, Forgotten { rows: 200, more: false });
}
