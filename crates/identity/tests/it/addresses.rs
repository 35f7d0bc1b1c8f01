//! Claims, records and proofs of addresses.

use chrono::Duration;
use ouvira_common::ports::UserDirectoryError;

use crate::support::{World, email, phone};

#[tokio::test]
async fn whoever_proves_an_address_takes_it_from_who_claimed_it() {
    let world = World::new().await;
    let mallory = world.sign_up(Some("mallory@example.com"), Some("+33612345678")).await.unwrap();
    let grace = world.sign_up(Some("+33612345678"), None).await.unwrap();
    assert_eq!(world.person_now(mallory.id).await.unwrap().phone, None);
    assert_eq!(world.holder("+33612345678").await.unwrap().id, grace.id);
    assert!(world.audit.actions().contains(&"user.address_lost"));
}

#[tokio::test]
async fn a_proof_beats_an_administrators_record() {
    let world = World::new().await;
    let admin = world.admin().await;
    let recorded = world.create(&admin, "grace@example.com").await.unwrap();
    let grace = world.sign_up(Some("Grace@example.com"), None).await.unwrap();
    assert_eq!(world.person_now(recorded.id).await.unwrap().email, None);
    assert_eq!(world.holder("grace@example.com").await.unwrap().id, grace.id);
    let late = world.verify(recorded.id, "grace@example.com").await.unwrap_err();
    assert!(matches!(late, UserDirectoryError::AddressTaken(_)), "{late}");
}

#[tokio::test]
async fn a_verified_address_replaces_the_former_one() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    let changed = world.verify(ada.id, "countess@example.com").await.unwrap();
    assert_eq!(
        (changed.email, changed.email_verified, changed.version),
        (Some(email("countess@example.com")), true, 2)
    );
    assert!(world.holder("ada@example.com").await.is_none());
    assert!(world.sign_up(Some("ada@example.com"), None).await.is_ok(), "the former one is free");
    assert_eq!(world.audit.actions()[1], "user.address_verified");
}

#[tokio::test]
async fn proving_the_same_again_changes_nothing() {
    let world = World::new().await;
    let (ada, _) = world.person("ada@example.com").await;
    assert_eq!(world.verify(ada.id, "ada@example.com").await.unwrap().version, 1);
}

#[tokio::test]
async fn a_verified_address_is_not_had_twice() {
    let world = World::new().await;
    world.person("ada@example.com").await;
    let (grace, _) = world.person("grace@example.com").await;
    assert!(matches!(
        world.verify(grace.id, "ADA@example.com").await,
        Err(UserDirectoryError::AddressTaken(_))
    ));
    let twice = world.sign_up(Some("Ada@example.com"), None).await;
    assert!(matches!(twice, Err(UserDirectoryError::AddressTaken(_))));
}

#[tokio::test]
async fn many_may_claim_one_address_and_one_of_them_proves_it() {
    let world = World::new().await;
    let mut claimants = Vec::new();
    for index in 0..8 {
        let own = format!("user{index}@example.com");
        claimants.push(world.sign_up(Some(&own), Some("+33612345678")).await.unwrap().id);
    }
    let attempts = claimants.iter().map(|id| world.verify(*id, "+33612345678"));
    let outcomes = futures_util::future::join_all(attempts).await;
    let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(world.holder("+33612345678").await.unwrap().id, winners[0].id);
    for outcome in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        assert!(matches!(outcome, UserDirectoryError::AddressTaken(_)), "{outcome}");
    }
    for id in claimants.into_iter().filter(|id| *id != winners[0].id) {
        assert_eq!(world.person_now(id).await.unwrap().phone, None);
    }
}

#[tokio::test]
async fn claims_lapse_after_seven_days_and_records_do_not() {
    let world = World::new().await;
    let admin = world.admin().await;
    let recorded = world.create(&admin, "grace@example.com").await.unwrap();
    let claimant = world.sign_up(Some("ada@example.com"), Some("+33612345678")).await.unwrap();
    world.tenant.clock().advance(Duration::days(6));
    assert_eq!(world.users.forget_lapsed_claims(&world.tenant.job(), 1000).await.unwrap(), 0);
    assert_eq!(world.person_now(claimant.id).await.unwrap().phone, Some(phone("+33612345678")));
    world.tenant.clock().advance(Duration::days(1));
    assert_eq!(world.users.forget_lapsed_claims(&world.tenant.job(), 1000).await.unwrap(), 1);
    assert_eq!(world.person_now(claimant.id).await.unwrap().phone, None);
    assert_eq!(world.person_now(recorded.id).await.unwrap().email, Some(email("grace@example.com")));
    assert_eq!(world.users.forget_lapsed_claims(&world.tenant.job(), 1000).await.unwrap(), 0);
}
