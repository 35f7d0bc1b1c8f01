//! The tenant's tree: rows of both logs, sealed in the order of their transactions, and what can be proven of them.

mod checkpoints;
mod grow;
mod leaf;
mod prove;
pub(crate) mod store;

pub use checkpoints::{Checkpoint, Witnessed};
pub use grow::{Sealed, Sealer};
pub use leaf::{Leaf, Log, TreeHead};
pub use prove::{ActivityProof, ConsistencyProof, Provable};
