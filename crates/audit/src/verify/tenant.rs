//! A living tenant.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};
use ouvira_common::{
    context::RequestContext,
    db::{Db, Tx},
    id::TenantId,
    time::Timestamp,
};
use uuid::Uuid;

use super::Fault;
use crate::{
    AuditError,
    installation::{NoteVerifier, installation_leaf, open_checkpoint},
    merkle::{Frontier, Hash, Node, verify_inclusion},
    seal::{Checkpoint, Leaf, Log, TreeHead, store as tree},
    store::{self as logs, Rehashed},
};

/// Leaves that are read at a time.
const BATCH: i64 = 2000;
/// A row is written within this long of its request; one of before that, when later ones were sealed, was made up.
const SLOWEST: TimeDelta = TimeDelta::hours(1);

/// Checks tenants' records, as a job of each.
#[derive(Clone)]
pub struct Verifier {
    db: Db,
}

/// What the installation vouches for.
#[derive(Debug, Clone, Default)]
pub struct Signed {
    /// Whoever may have signed checkpoints.
    pub verifiers: Vec<NoteVerifier>,
    /// Trees of the tenant that are leaves of the installation's tree. They must have been read before the tenant is.
    pub heads: Vec<TreeHead>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantReport {
    /// How many leaves were checked.
    pub leaves: u64,
    /// How many of their rows are there and fit.
    pub rows: u64,
    /// Of how many rows the personal part was erased; the rest of them fits.
    pub erased: u64,
    /// How many rows are gone because their time was over.
    pub expired: u64,
    /// How many checkpoints fit.
    pub checkpoints: u64,
    /// How many of them are signed.
    pub signed: u64,
    /// What is wrong; nothing more was looked at after it.
    pub fault: Option<Fault>,
}

/// What is read of some leaves at once.
struct Batch {
    leaves: Vec<(Leaf, Hash)>,
    rows: HashMap<(Log, Uuid), Rehashed>,
    checkpoints: Vec<(Checkpoint, Vec<Hash>)>,
}

struct Check<'a> {
    tenant: TenantId,
    now: Timestamp,
    verifiers: &'a [NoteVerifier],
    heads: HashMap<u64, Hash>,
    frontier: Frontier,
    /// The first leaf, and its row, after the last checkpoint that fitted.
    open: Option<(u64, Uuid)>,
    last_checkpoint: Option<Timestamp>,
    report: TenantReport,
}

impl Verifier {
    /// A verifier over `db`.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Makes every hash again from the rows, and compares it with the leaves, the inner nodes, the checkpoints and with
    /// what the installation signed. Reads everything once, in batches; writers wait for nothing of this.
    pub async fn verify(&self, ctx: &RequestContext, signed: &Signed) -> Result<TenantReport, AuditError> {
        let mut check = Check {
            tenant: ctx.tenant_id(),
            now: ctx.now(),
            verifiers: &signed.verifiers,
            heads: signed.heads.iter().map(|head| (head.size, head.root)).collect(),
            frontier: Frontier::default(),
            open: None,
            last_checkpoint: None,
            report: TenantReport::default(),
        };
        let fault = self.walk(ctx, signed, &mut check).await?;
        Ok(TenantReport { fault, ..check.report })
    }

    async fn walk(
        &self,
        ctx: &RequestContext,
        signed: &Signed,
        check: &mut Check<'_>,
    ) -> Result<Option<Fault>, AuditError> {
        let (size, leaves) = self.db.read(ctx, async |tx| Ok::<_, AuditError>(tree::ends(tx).await?)).await?;
        while check.report.leaves < size {
            let from = check.report.leaves;
            let most = BATCH.min(i64::try_from(size - from).unwrap_or(BATCH));
            let batch = self.db.read(ctx, async |tx| read(tx, from, most).await).await?;
            if batch.leaves.is_empty() {
                // Where only the end is gone, that is what is said of it.
                break;
            }
            let nodes = match check.batch(batch) {
                Ok(nodes) => nodes,
                Err(fault) => return Ok(Some(fault)),
            };
            let wanted: Vec<Node> = nodes.keys().copied().collect();
            let kept = self
                .db
                .read(ctx, async |tx| Ok::<_, AuditError>(tree::kept(tx, wanted.clone()).await?))
                .await?;
            if let Some(node) = wanted.iter().filter(|node| kept.get(node) != nodes.get(node)).min() {
                return Ok(Some(Fault::NodeChanged { level: node.level, index: node.index }));
            }
        }
        let promised = signed.heads.iter().map(|head| head.size).chain([size, leaves]).max().unwrap_or(0);
        let found = check.report.leaves.min(leaves);
        if found < promised || size < promised {
            return Ok(Some(Fault::EndRemoved { found: found.min(size), signed: promised }));
        }
        if let Some((from, row)) = check.open {
            return Ok(Some(Fault::RootDiffers { from, to: found.saturating_sub(1), row }));
        }
        let stray = self.db.read(ctx, async |tx| Ok::<_, AuditError>(tree::stray(tx).await?)).await?;
        Ok(stray.map(|(log, row)| Fault::RowInserted { log, row }))
    }
}

async fn read(tx: &mut Tx, from: u64, most: i64) -> Result<Batch, AuditError> {
    let leaves = tree::leaves_from(tx, from, most).await?;
    let mut rows = HashMap::new();
    for log in Log::ALL {
        let ids: Vec<Uuid> =
            leaves.iter().filter(|(leaf, _)| leaf.log == log).map(|(leaf, _)| leaf.row).collect();
        if !ids.is_empty() {
            rows.extend(logs::rehash(tx, log, &ids).await?.into_iter().map(|(id, row)| ((log, id), row)));
        }
    }
    let to = from + leaves.len() as u64;
    let checkpoints = tree::checkpoints_within(tx, from + 1, to).await?;
    Ok(Batch { leaves, rows, checkpoints })
}

impl Check<'_> {
    /// Answers the inner nodes that are kept of these leaves, as they should be.
    fn batch(&mut self, batch: Batch) -> Result<HashMap<Node, Hash>, Fault> {
        let Batch { leaves, rows, checkpoints } = batch;
        let mut checkpoints = checkpoints.into_iter().peekable();
        let mut nodes = HashMap::new();
        for (leaf, kept) in leaves {
            self.leaf(&leaf, &kept)?;
            self.row(&leaf, rows.get(&(leaf.log, leaf.row)))?;
            self.open.get_or_insert((leaf.position, leaf.row));
            let completed = self.frontier.push(kept).into_iter().skip(1);
            nodes.extend(
                completed.filter(|grown| grown.node.is_stored()).map(|grown| (grown.node, grown.hash)),
            );
            let size = self.frontier.size();
            self.report.leaves = size;
            if let Some((checkpoint, edge)) =
                checkpoints.next_if(|(checkpoint, _)| checkpoint.head.size == size)
            {
                self.checkpoint(&checkpoint, &edge, leaf.position)?;
            }
            if let Some(root) = self.heads.remove(&size)
                && root != self.frontier.root()
            {
                return Err(Fault::WitnessDiffers(size));
            }
        }
        Ok(nodes)
    }

    fn leaf(&self, leaf: &Leaf, kept: &Hash) -> Result<(), Fault> {
        let position = self.frontier.size();
        if leaf.position != position {
            return Err(Fault::LeafRemoved(position));
        }
        if leaf.hash() != *kept {
            return Err(Fault::LeafChanged { position, log: leaf.log, row: leaf.row });
        }
        Ok(())
    }

    fn row(&mut self, leaf: &Leaf, found: Option<&Rehashed>) -> Result<(), Fault> {
        let &Leaf { log, row, position, .. } = leaf;
        let Some(found) = found else {
            if !has_expired(leaf, self.now) {
                return Err(Fault::RowRemoved { log, row, position });
            }
            self.report.expired += 1;
            return Ok(());
        };
        let fits = [Some(found.public), found.kept_public].iter().all(|hash| *hash == Some(leaf.public_hash))
            && found.kept_personal == Some(leaf.personal_hash)
            && found.personal.is_none_or(|hash| hash == leaf.personal_hash);
        if !fits {
            return Err(Fault::RowChanged { log, row, position });
        }
        if self.last_checkpoint.is_some_and(|sealed| found.at + SLOWEST < sealed) {
            return Err(Fault::RowInserted { log, row });
        }
        self.report.rows += 1;
        self.report.erased += u64::from(found.personal.is_none());
        Ok(())
    }

    fn checkpoint(&mut self, checkpoint: &Checkpoint, edge: &[Hash], last: u64) -> Result<(), Fault> {
        if checkpoint.head.root != self.frontier.root() || edge != self.frontier.edge() {
            let (from, row) = self.open.unwrap_or((last, Uuid::nil()));
            return Err(Fault::RootDiffers { from, to: last, row });
        }
        self.open = None;
        self.last_checkpoint = Some(checkpoint.at);
        self.report.checkpoints += 1;
        if let Some(witnessed) = &checkpoint.witnessed {
            let head =
                self.verifiers.iter().find_map(|verifier| open_checkpoint(verifier, &witnessed.note).ok());
            let leaf = installation_leaf(self.tenant, &checkpoint.head);
            let holds = head.is_some_and(|head| {
                head.size == witnessed.size
                    && verify_inclusion(&leaf, witnessed.position, head.size, &witnessed.path, &head.root)
            });
            if !holds {
                return Err(Fault::CheckpointForged(checkpoint.head.size));
            }
            self.report.signed += 1;
        }
        Ok(())
    }
}

/// Whether the row of a leaf is old enough to be gone.
pub(super) fn has_expired(leaf: &Leaf, now: Timestamp) -> bool {
    let written = leaf.row.get_timestamp().and_then(|at| {
        let (seconds, nanos) = at.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
    });
    written.is_some_and(|written| written + TimeDelta::days(leaf.retention.days().into()) < now)
}
