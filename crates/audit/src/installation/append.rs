//! Appending roots of tenants' trees.

use std::sync::Arc;

use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use ouvira_common::{entropy::Entropy, id::TenantId, sealing::WrappingKeys, time::Timestamp};

use super::{InstallationError, NoteSigner, checkpoint::sign, installation_leaf, key, store};
use crate::{
    merkle::{Hash, inclusion},
    seal::{TreeHead, Witnessed},
};

/// A root to be appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Whose tree.
    pub tenant: TenantId,
    /// The tree.
    pub head: TreeHead,
}

/// What appending left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The installation's tree after it.
    pub head: TreeHead,
    /// Its signed checkpoint.
    pub note: String,
    /// Where each entry stands, in the order in which they were given.
    pub witnessed: Vec<Witnessed>,
}

/// The installation's tree, reached through connections of the worker's role to the common database.
#[derive(Clone)]
pub struct InstallationLog {
    pub(super) origin: String,
    pub(super) keys: WrappingKeys,
    pub(super) entropy: Arc<dyn Entropy>,
}

impl InstallationLog {
    /// A tree that calls itself `origin`, such as `ouvira.example.com/audit`: no white space and no plus sign. Its
    /// signing key is wrapped with `keys`.
    pub fn new(origin: impl Into<String>, keys: WrappingKeys, entropy: Arc<dyn Entropy>) -> Self {
        Self { origin: origin.into(), keys, entropy }
    }

    /// Appends `entries`, one at least, and signs a checkpoint that covers them; one appender at a time. Appending a root
    /// twice does no harm.
    pub async fn append(
        &self,
        conn: &mut AsyncPgConnection,
        now: Timestamp,
        entries: &[Entry],
    ) -> Result<Appended, InstallationError> {
        conn.transaction(async |conn| {
            store::lock(conn).await?;
            let signer = self.signer(conn, now).await?;
            let mut frontier = store::frontier(conn).await?;
            let first = frontier.size();
            let mut nodes = Vec::new();
            for entry in entries {
                let completed = frontier.push(installation_leaf(entry.tenant, &entry.head));
                nodes.extend(completed.into_iter().skip(1).filter(|grown| grown.node.is_stored()));
            }
            let head = TreeHead { size: frontier.size(), root: frontier.root() };
            let note = sign(&signer, &head);
            store::put_leaves(conn, first, entries, now).await?;
            store::put_nodes(conn, &nodes).await?;
            store::put_checkpoint(conn, &frontier, &note, now).await?;

            let sought: Vec<_> =
                (first..head.size).filter_map(|position| inclusion(position, head.size)).collect();
            let hashes = store::nodes(conn, &sought).await?;
            let witnessed = (first..).zip(&sought).map(|(position, sought)| {
                let path = sought.found(&hashes).ok_or_else(|| crate::seal::store::corrupt("node"))?;
                Ok(Witnessed { position, size: head.size, path, note: note.clone() })
            });
            let witnessed = witnessed.collect::<Result<_, InstallationError>>()?;
            Ok(Appended { head, note, witnessed })
        })
        .await
    }

    /// Size and note of the newest checkpoint in the database.
    pub(crate) async fn newest(
        conn: &mut AsyncPgConnection,
    ) -> Result<Option<(u64, String)>, InstallationError> {
        Ok(store::newest_note(conn).await?)
    }

    /// The root of the tree when it had `size` leaves, as the database has it; `None` when it has no checkpoint of that size.
    pub(crate) async fn root_of(
        conn: &mut AsyncPgConnection,
        size: u64,
    ) -> Result<Option<Hash>, InstallationError> {
        Ok(store::root_of(conn, size).await?)
    }

    async fn signer(
        &self,
        conn: &mut AsyncPgConnection,
        now: Timestamp,
    ) -> Result<NoteSigner, InstallationError> {
        match key::current(self, conn).await? {
            Some(signer) => Ok(signer),
            None => key::generate(self, conn, now).await,
        }
    }
}
