//! The tenant's tree: rows of both logs, sealed in the order of their transactions, and what can be proven of them.

mod checkpoints;
mod discover;
mod grow;
mod leaf;
mod outside;
mod progress;
mod prove;
mod run;
pub(crate) mod store;

pub use checkpoints::{Checkpoint, Witnessed};
pub use discover::Discovery;
pub use grow::{Sealed, Sealer};
pub use leaf::{Leaf, Log, TreeHead};
pub use progress::SealingProgress;
pub use prove::{ActivityProof, ConsistencyProof, Provable};
pub use run::{Sealing, SealingDeps, SealingError, SealingReport};
