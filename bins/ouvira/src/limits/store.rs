//! Where it is kept what everybody has done.

use async_trait::async_trait;

use super::policy::{Policy, Standing};

/// Who is counted, as a keyed hash: a store holds no address, no identifier and no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Subject(pub(super) [u8; 16]);

/// One that is to be taken from what `subject` has of `policy`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take {
    pub(super) policy: Policy,
    pub(super) subject: Subject,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    /// Whether all of them were taken; otherwise none was.
    pub(super) admitted: bool,
    /// Where the caller stands now, in the order of what was to be taken.
    pub(super) standings: Vec<Standing>,
}

impl Taken {
    /// What came of `takes` when their callers were ahead by so many microseconds before. The subject of each is another.
    pub(super) fn of(takes: &[Take], ahead: impl IntoIterator<Item = u64>) -> Self {
        let mut standings: Vec<_> = takes
            .iter()
            .zip(ahead)
            .map(|(take, ahead)| Standing { policy: take.policy, ahead: ahead.min(take.policy.burst()) })
            .collect();
        let admitted = standings.iter().all(|standing| standing.policy.admits(standing.ahead));
        if admitted {
            for standing in &mut standings {
                standing.ahead += standing.policy.interval();
            }
        }
        Self { admitted, standings }
    }

    /// Seconds until it may be tried again.
    pub(super) fn wait(&self) -> u64 {
        self.standings.iter().map(Standing::wait).max().unwrap_or_default().max(1)
    }
}

/// Where it is kept what everybody has done. Never fails: who cannot ask others answers alone.
#[async_trait]
pub(super) trait LimitStore: Send + Sync {
    /// Takes one of each, or nothing where one of them has nothing left.
    async fn take(&self, takes: &[Take]) -> Taken;

    /// Whether the store counts where it should.
    fn healthy(&self) -> bool;
}
