//! Sealing: new rows become leaves.

use ouvira_common::{
    context::RequestContext,
    db::{Db, Tx},
    time::Timestamp,
};

use super::{
    Leaf, TreeHead,
    checkpoints::Witnessed,
    store::{self, Last},
};
use crate::{
    AuditError,
    merkle::{Frontier, Grown},
};

/// How many rows are sealed in one transaction.
const BATCH: i64 = 4000;

/// Seals the rows of one tenant after the other, as a job of each. Only rows below the oldest transaction that is still
/// running are taken: of those none can still appear. Writers wait for nothing of this.
#[derive(Clone)]
pub struct Sealer {
    db: Db,
}

/// What a run of the sealer left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// The tree after it.
    pub head: TreeHead,
    /// How many rows became leaves.
    pub rows: u64,
    /// The time of the oldest of them: how late sealing is.
    pub oldest: Option<Timestamp>,
    /// The time of the oldest row that waits for a transaction that is still running; `None` when none does.
    pub pending: Option<Timestamp>,
    /// Whether the installation's tree has this root already.
    pub witnessed: bool,
}

impl Sealer {
    /// A sealer over `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Seals what is new in the tenant of `ctx`, a job; `None` when another sealer is at it.
    pub async fn seal(&self, ctx: &RequestContext) -> Result<Option<Sealed>, AuditError> {
        let (mut rows, mut oldest) = (0, None);
        loop {
            let batch = self.db.write(ctx, async |tx| seal_batch(tx).await).await?;
            let Some(batch) = batch else { return Ok(None) };
            rows += batch.rows;
            oldest = oldest.or(batch.oldest);
            if batch.rows < BATCH.unsigned_abs() {
                return Ok(Some(Sealed { rows, oldest, ..batch }));
            }
        }
    }

    /// Notes where the root of the tree at `size` stands in the installation's tree.
    pub async fn witness(
        &self,
        ctx: &RequestContext,
        size: u64,
        witnessed: &Witnessed,
    ) -> Result<(), AuditError> {
        self.db
            .write(ctx, async |tx| {
                store::put_witness(tx, size, witnessed);
                Ok(())
            })
            .await
    }
}

async fn seal_batch(tx: &mut Tx) -> Result<Option<Sealed>, AuditError> {
    if !store::lock(tx).await? {
        return Ok(None);
    }
    let last = store::last(tx).await?;
    let mut rows = store::unsealed(tx, &last, BATCH).await?;
    let ready = rows.iter().take_while(|row| row.ready).count();
    let pending = rows.split_off(ready).iter().map(|row| row.at).min();
    let Last { mut frontier, witnessed, .. } = last;
    let Some(newest) = rows.last().map(|row| (row.txid, row.id)) else {
        let head = TreeHead { size: frontier.size(), root: frontier.root() };
        return Ok(Some(Sealed { head, rows: 0, oldest: None, pending, witnessed }));
    };
    let oldest = rows.iter().map(|row| row.at).min();
    let (leaves, nodes) = grow(&mut frontier, rows);
    store::put(tx, &leaves, &nodes, &frontier, newest)?;
    let head = TreeHead { size: frontier.size(), root: frontier.root() };
    Ok(Some(Sealed { head, rows: leaves.len() as u64, oldest, pending, witnessed: false }))
}

/// Appends the rows and answers the leaves with the nodes they completed that are kept.
fn grow(frontier: &mut Frontier, rows: Vec<store::Unsealed>) -> (Vec<Leaf>, Vec<Grown>) {
    let mut nodes = Vec::new();
    let leaves = rows
        .into_iter()
        .map(|row| {
            let leaf = Leaf {
                position: frontier.size(),
                log: row.log,
                row: row.id,
                retention: row.retention,
                public_hash: row.public_hash,
                personal_hash: row.personal_hash,
            };
            let completed = frontier.push(leaf.hash());
            nodes.extend(completed.into_iter().skip(1).filter(|grown| grown.node.is_stored()));
            leaf
        })
        .collect();
    (leaves, nodes)
}
