//! The place outside of the database: what it knows is never written over by another history, and while it cannot be used
//! nothing grows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use async_trait::async_trait;
use ouvira_audit::{
    installation::{CheckpointDirectory, CheckpointStore, KeepError, Kept, NoteVerifier},
    seal::SealingError,
};
use ouvira_common::{ports::Activity, tenant::PlacementMode, testing::within};

use crate::{court::Court, sealing::write, support::any_id};

/// A directory on which one may write, or not.
struct Sometimes {
    directory: CheckpointDirectory,
    full: AtomicBool,
}

#[async_trait]
impl CheckpointStore for Sometimes {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        if self.full.load(SeqCst) {
            return Err(KeepError("no space is left".to_owned()));
        }
        self.directory.keep(size, note, verifier).await
    }

    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, KeepError> {
        self.directory.find(size).await
    }

    async fn probe(&self) -> Result<(), KeepError> {
        self.directory.probe().await
    }
}

fn own(court: &Court) -> Vec<String> {
    court.tenant().tenant().placement.database.clone().into_iter().collect()
}

#[tokio::test]
async fn while_nothing_can_be_kept_the_tree_of_the_installation_does_not_grow() {
    let mut court = Court::new(PlacementMode::Schema).await;
    write(&court.house, &court.tenant().job(), 1).await;
    court.seal(2).await;
    let place = Arc::new(Sometimes {
        directory: CheckpointDirectory::new(court.outside.path()),
        full: AtomicBool::new(true),
    });
    court.keep_at(place.clone());
    let before = court.installation(None).await.size;
    write(&court.house, &court.tenant().job(), 1).await;
    let own = own(&court);
    for _ in 0..20 {
        // Until no other test's transaction keeps the rows waiting, a round has nothing to keep.
        let _ = court.sealing.round(&own).await;
    }
    assert!(court.installation(None).await.size <= before + 1, "one leaf at most, however often it is tried");

    place.full.store(false, SeqCst);
    court.seal(4).await;
    assert_eq!(court.judge_with(Some(&court.checkpoint())).await.fault, None);
}

/// The owner of the database removes everything, and the honest worker goes on: it notices by what is outside, and leaves that
/// as it is.
#[tokio::test]
async fn what_is_known_outside_is_not_written_over_by_a_tree_that_was_cut() {
    for mode in PlacementMode::ALL {
        let mut court = Court::new(mode).await;
        write(&court.house, &court.tenant().job(), 2).await;
        court.seal(4).await;
        let outside = court.checkpoint();
        court
            .tamper_installation("TRUNCATE ouvira_seal.leaves, ouvira_seal.nodes, ouvira_seal.checkpoints")
            .await;
        court.tamper("DELETE FROM activity_log WHERE tenant_id = '{t}'; DELETE FROM security_log WHERE tenant_id = '{t}'; \
                      DELETE FROM audit_leaves WHERE tenant_id = '{t}'; DELETE FROM audit_checkpoints WHERE tenant_id = '{t}'").await;
        court.house.record(&court.tenant().job(), Activity::new("thing.made", "thing", any_id())).await;
        let own = own(&court);
        let noticed = within(Duration::from_secs(20), async || court.sealing.round(&own).await.err()).await;
        assert!(matches!(noticed, Some(SealingError::AnotherTree(1))), "{mode:?}: {noticed:?}");
        assert_eq!(court.checkpoint().note, outside.note, "{mode:?}");
        assert!(court.judge_with(Some(&outside)).await.fault.is_some(), "{mode:?}");
    }
}
