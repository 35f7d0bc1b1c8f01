use std::{
    sync::atomic::{AtomicI64, Ordering::SeqCst},
    time::Duration,
};

use ouvira_common::time::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::limits::policy::{LOGIN, LOGIN_ADDRESS, Policy, micros};

/// A clock that stands still until it is moved.
struct Hand(AtomicI64);

impl Hand {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(1_795_132_800_000_000)))
    }

    fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(micros(by)).unwrap(), SeqCst);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_timestamp_micros(self.0.load(SeqCst)).unwrap()
    }
}

fn store() -> (Memory, Arc<Hand>) {
    let hand = Hand::new();
    (Memory::new(Arc::clone(&hand) as Arc<dyn Clock>), hand)
}

fn of(policy: Policy, subject: u32) -> Take {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&subject.to_le_bytes());
    Take { policy, subject: Subject(bytes) }
}

#[test]
fn the_whole_quota_may_be_used_at_once_and_then_one_with_each_interval() {
    let (store, hand) = store();
    for left in (0..5).rev() {
        let taken = store.take(&[of(LOGIN, 1)]);
        assert!(taken.admitted);
        assert_eq!(taken.standings[0].remaining(), left);
    }
    let refused = store.take(&[of(LOGIN, 1)]);
    assert!(!refused.admitted);
    assert_eq!((refused.wait(), refused.standings[0].reset()), (12, 60));
    assert!(store.take(&[of(LOGIN, 2)]).admitted, "another subject has a quota of its own");

    hand.forward(Duration::from_micros(11_999_999));
    assert!(!store.take(&[of(LOGIN, 1)]).admitted);
    hand.forward(Duration::from_micros(1));
    assert!(store.take(&[of(LOGIN, 1)]).admitted);
    assert!(!store.take(&[of(LOGIN, 1)]).admitted);
    hand.forward(Duration::from_mins(1));
    assert_eq!(store.take(&[of(LOGIN, 1)]).standings[0].remaining(), 4);
}

#[test]
fn where_one_of_several_has_nothing_left_nothing_is_taken() {
    let (store, _) = store();
    let both = [of(LOGIN, 1), of(LOGIN_ADDRESS, 2)];
    for _ in 0..5 {
        assert!(store.take(&both).admitted);
    }
    for _ in 0..3 {
        let refused = store.take(&both);
        assert!(!refused.admitted);
        assert_eq!(refused.standings[1].remaining(), 25);
    }
}

#[test]
fn a_clock_that_was_set_back_costs_no_more_than_one_window() {
    let (store, hand) = store();
    store.take(&[of(LOGIN, 1)]);
    hand.0.fetch_sub(3_600_000_000, SeqCst);
    let refused = store.take(&[of(LOGIN, 1)]);
    assert!(!refused.admitted && refused.wait() <= 60, "{refused:?}");
}

#[test]
fn who_has_all_of_their_quota_is_forgotten() {
    let (store, hand) = store();
    for subject in 0..10_000 {
        store.take(&[of(LOGIN, subject)]);
        hand.forward(Duration::from_secs(1));
    }
    assert!(store.len() <= SHARDS * FEW, "{} are remembered", store.len());
}

#[test]
fn a_flood_of_subjects_does_not_fill_the_memory_and_frees_nobody_who_was_far_ahead() {
    let (store, _) = store();
    let known = [of(LOGIN, u32::MAX)];
    while store.take(&known).admitted {}
    let most = u32::try_from(SHARDS * CAPACITY).unwrap();
    for subject in 0..most + most / 4 {
        store.take(&[of(LOGIN, subject)]);
    }
    assert!(store.len() <= SHARDS * CAPACITY);
    assert!(!store.take(&known).admitted);
}

#[test]
fn many_threads_take_exactly_the_quota() {
    let (store, _) = store();
    let admitted = AtomicI64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..100 {
                    // In either order: nobody waits in a circle.
                    for takes in [
                        [of(LOGIN_ADDRESS, 1), of(LOGIN_ADDRESS, 2)],
                        [of(LOGIN_ADDRESS, 2), of(LOGIN_ADDRESS, 1)],
                    ] {
                        admitted.fetch_add(i64::from(store.take(&takes).admitted), SeqCst);
                    }
                }
            });
        }
    });
    assert_eq!(admitted.load(SeqCst), 30);
}

static ANY: Policy = Policy { name: "any", quota: 7, window: Duration::from_secs(10) };

proptest! {
    /// What is told holds: so many as remain may follow at once, and after the wait one more, not before.
    #[test]
    fn what_is_told_is_kept(pauses in prop::collection::vec(0_u64..4_000, 1..40)) {
        let (store, hand) = store();
        for pause in pauses {
            hand.forward(Duration::from_millis(pause));
            store.take(&[of(ANY, 1)]);
        }
        let mut taken = store.take(&[of(ANY, 1)]);
        for _ in 0..taken.standings[0].remaining() {
            prop_assert!(taken.admitted);
            taken = store.take(&[of(ANY, 1)]);
        }
        let refused = store.take(&[of(ANY, 1)]);
        prop_assert!(!refused.admitted);
        hand.forward(Duration::from_secs(refused.wait()));
        prop_assert!(store.take(&[of(ANY, 1)]).admitted);
        hand.forward(Duration::from_secs(refused.standings[0].reset()));
    }

    /// In no stretch of time is more let through than the quota and what grows in that time.
    #[test]
    fn no_stretch_of_time_lets_through_more_than_it_may(pauses in prop::collection::vec(0_u64..3_000, 1..120)) {
        let (store, hand) = store();
        let mut admitted = Vec::new();
        for pause in pauses {
            hand.forward(Duration::from_millis(pause));
            if store.take(&[of(ANY, 1)]).admitted {
                admitted.push(u64::try_from(hand.0.load(SeqCst)).unwrap());
            }
        }
        for (first, begin) in admitted.iter().enumerate() {
            for (last, end) in admitted.iter().enumerate().skip(first) {
                let grown = (end - begin) / ANY.interval();
                prop_assert!((last - first + 1) as u64 <= u64::from(ANY.quota) + grown);
            }
        }
    }
}
