//! Signing keys: made once, rotated without a gap.

use std::sync::Arc;

use chrono::Duration;
use ouvira_common::{
    entropy::OsEntropy, ports::SigningKeys as _, sealing::WrappingKeys, testing::becomes_so,
};
use ouvira_tenancy::{KeyRing, Rotation};

use crate::support::{Platform, column};

fn node(platform: &Platform) -> KeyRing {
    KeyRing::new(platform.catalog(), Arc::clone(&platform.keys), Arc::new(OsEntropy), platform.clock.clone())
}

async fn kids(node: &KeyRing) -> Vec<String> {
    node.keys().await.unwrap().iter().map(|key| key.kid.clone()).collect()
}

#[tokio::test]
async fn nodes_that_start_at_once_make_one_key() {
    let platform = Platform::new().await;
    let (a, b, c) = (node(&platform), node(&platform), node(&platform));
    assert!(kids(&a).await.is_empty());
    let made = tokio::join!(a.ensure_key(), b.ensure_key(), c.ensure_key());
    let made = [made.0.unwrap(), made.1.unwrap(), made.2.unwrap()];
    assert_eq!(made.iter().filter(|made| **made).count(), 1);
    assert_eq!(kids(&a).await.len(), 1);
    assert_eq!(kids(&a).await, kids(&b).await);
    assert_eq!(kids(&a).await, kids(&c).await);
}

#[tokio::test]
async fn a_rotation_publishes_first_signs_later_and_retires_last() {
    let platform = Platform::new().await;
    node(&platform).ensure_key().await.unwrap();
    let old = kids(&node(&platform)).await.remove(0);

    let rotation = Rotation { lead: Duration::hours(1), overlap: Duration::minutes(30) };
    let new = node(&platform).rotate(&platform.ctx(), rotation).await.unwrap().kid;
    assert_eq!(kids(&node(&platform)).await, [old.clone(), new.clone()]);

    platform.clock.advance(Duration::minutes(59));
    assert_eq!(kids(&node(&platform)).await, [old.clone(), new.clone()]);
    platform.clock.advance(Duration::minutes(1));
    assert_eq!(kids(&node(&platform)).await, [new.clone(), old.clone()]);
    platform.clock.advance(Duration::minutes(29));
    assert_eq!(kids(&node(&platform)).await, [new.clone(), old.clone()]);
    platform.clock.advance(Duration::minutes(1));
    assert_eq!(kids(&node(&platform)).await, [new]);
}

#[tokio::test]
async fn a_rotation_under_way_is_not_begun_again() {
    let platform = Platform::new().await;
    let ring = node(&platform);
    ring.ensure_key().await.unwrap();
    let first = ring.rotate(&platform.ctx(), Rotation::default()).await.unwrap();
    let second = ring.rotate(&platform.ctx(), Rotation::default()).await.unwrap();
    assert_eq!(first.kid, second.kid);
    assert_eq!(ring.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_that_leaked_is_replaced_at_once_and_then_gone() {
    let platform = Platform::new().await;
    let ring = node(&platform);
    ring.ensure_key().await.unwrap();
    let leaked = kids(&ring).await.remove(0);
    ring.rotate(&platform.ctx(), Rotation::default()).await.unwrap();
    let at_once = Rotation { lead: Duration::zero(), overlap: Duration::zero() };
    let new = ring.rotate(&platform.ctx(), at_once).await.unwrap().kid;
    assert_eq!(kids(&ring).await, [new]);

    platform.clock.advance(Duration::days(1));
    ring.rotate(&platform.ctx(), Rotation::default()).await.unwrap();
    let mut control = platform.connection("control", None).await;
    let kept = column(&mut control, "SELECT kid FROM ouvira_catalog.signing_keys").await.unwrap();
    assert!(!kept.contains(&leaked));
}

#[tokio::test]
async fn a_node_hears_of_a_key_that_it_does_not_know() {
    let platform = Platform::new().await;
    let (here, there) = (node(&platform), node(&platform));
    here.ensure_key().await.unwrap();
    kids(&there).await;
    let at_once = Rotation { lead: Duration::zero(), overlap: Duration::minutes(30) };
    let new = here.rotate(&platform.ctx(), at_once).await.unwrap().kid;
    assert!(!kids(&there).await.contains(&new));
    let known = async || there.keys_with(&new).await.unwrap().iter().any(|key| key.kid == new);
    assert!(becomes_so(std::time::Duration::from_secs(10), known).await);
}

#[tokio::test]
async fn the_catalog_has_no_private_key_in_the_clear() {
    let platform = Platform::new().await;
    node(&platform).ensure_key().await.unwrap();
    let wrong = Arc::new(WrappingKeys::single("k1", [8; 32]));
    let thief = KeyRing::new(platform.catalog(), wrong, Arc::new(OsEntropy), platform.clock.clone());
    assert!(thief.keys().await.is_err());
}
