//! Proofs about the tenant's tree.

use chrono::Duration;
use ouvira_common::{context::RequestContext, permission::Scope, ports::Visible, time::Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::{Checkpoint, Leaf, TreeHead, store};
use crate::{
    Audit, AuditError,
    fingerprint::Document as _,
    list_activity::ActivityFilter,
    merkle::{Hash, Sought, consistency, inclusion},
    permission::AUDIT_READ,
    store as logs,
};

/// Sealing happens at most this long after the write.
const SEALING_DELAY: i64 = 60;

/// What shows that an activity is in the tenant's tree.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityProof {
    /// The public fields, as they are hashed.
    pub document: Value,
    /// The leaf.
    pub leaf: Leaf,
    /// The tree it is shown to be in.
    pub checkpoint: Checkpoint,
    /// The hashes from the leaf up to the root.
    pub path: Vec<Hash>,
}

/// A proof, or when to ask again.
#[derive(Debug, Clone, PartialEq)]
pub enum Provable {
    /// The row is sealed.
    Now(Box<ActivityProof>),
    /// It will be by then.
    By(Timestamp),
}

/// What shows that the tree at one size is the beginning of the tree at another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The smaller tree.
    pub from: TreeHead,
    /// The larger tree.
    pub to: TreeHead,
    /// The hashes that show it.
    pub path: Vec<Hash>,
}

impl Audit {
    /// What shows that an activity is in the tree, for who may read it: with `audit.read`, or as its actor.
    pub async fn prove_activity(&self, ctx: &RequestContext, id: Uuid) -> Result<Provable, AuditError> {
        self.db
            .read(ctx, async |tx| {
                let mut filter = ActivityFilter { id: Some(id), ..ActivityFilter::default() };
                let reach = match self.reach(tx).await {
                    Err(AuditError::Denied(_)) if ctx.user_id().is_some() => {
                        filter.actor_id = Some(ctx.principal().id);
                        Visible::All
                    }
                    reach => reach?,
                };
                let found = logs::sealable_activities(tx, &filter, &reach, None, 1).await?;
                let activity = found.into_iter().next().ok_or(AuditError::NotFound)?;
                let leaf = store::leaves_of(tx, &[id]).await?.remove(&id);
                let checkpoint = store::best_checkpoint(tx).await?;
                let sealed =
                    leaf.zip(checkpoint).filter(|(leaf, checkpoint)| leaf.position < checkpoint.head.size);
                let Some((leaf, checkpoint)) = sealed else {
                    let written = activity.record.entry.head.at;
                    return Ok(Provable::By(written.max(ctx.now()) + Duration::seconds(SEALING_DELAY)));
                };
                let sought = inclusion(leaf.position, checkpoint.head.size).ok_or(AuditError::NotFound)?;
                let nodes = store::nodes(tx, std::slice::from_ref(&sought)).await?;
                let path = sought.found(&nodes).ok_or_else(|| store::corrupt("node"))?;
                let document = activity.record.entry.document();
                Ok(Provable::Now(Box::new(ActivityProof { document, leaf, checkpoint, path })))
            })
            .await
    }

    /// What shows that the tenant's tree of `from` leaves is the beginning of the one of `to`; needs `audit.read` in the
    /// tenant. `BeyondTree` when there is no such tree.
    pub async fn prove_consistency(
        &self,
        ctx: &RequestContext,
        from: u64,
        to: u64,
    ) -> Result<ConsistencyProof, AuditError> {
        let sought = consistency(from, to).ok_or(AuditError::BeyondTree)?;
        self.db
            .read(ctx, async |tx| {
                self.rights.require(tx, &AUDIT_READ, Scope::Tenant).await?;
                if to > store::tree_size(tx).await? {
                    return Err(AuditError::BeyondTree);
                }
                let sought = [sought.clone(), Sought::root(from), Sought::root(to)];
                let nodes = store::nodes(tx, &sought).await?;
                let found = |sought: &Sought| sought.found(&nodes).ok_or_else(|| store::corrupt("node"));
                let head = |size, sought: &Sought| {
                    let root = found(sought)?.first().copied().ok_or_else(|| store::corrupt("node"))?;
                    Ok::<_, AuditError>(TreeHead { size, root })
                };
                Ok(ConsistencyProof {
                    path: found(&sought[0])?,
                    from: head(from, &sought[1])?,
                    to: head(to, &sought[2])?,
                })
            })
            .await
    }
}
