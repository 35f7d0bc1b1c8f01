//! Checking the installation's tree.

use std::collections::HashMap;

use diesel_async::AsyncPgConnection;
use ouvira_common::id::TenantId;

use super::{
    Entry, InstallationError, InstallationLog, NoteVerifier, checkpoint::open_checkpoint, installation_leaf,
    store,
};
use crate::{
    merkle::{Frontier, Hash},
    seal::TreeHead,
};

/// Leaves that are read at a time.
const BATCH: i64 = 5000;

/// A checkpoint from outside of the database, and who vouches for it.
#[derive(Debug, Clone)]
pub struct Outside {
    /// The signed checkpoint.
    pub note: String,
    /// The key it is to be signed with.
    pub verifier: NoteVerifier,
}

/// What is wrong with the installation's tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallationFault {
    /// A leaf is not there.
    #[error("leaf {0} of the installation's tree is missing")]
    LeafMissing(u64),
    /// The leaves do not give the root that was signed.
    #[error("the installation's tree of {0} leaves is not the one that was signed")]
    RootDiffers(u64),
    /// A checkpoint in the database is not signed by a known key.
    #[error("the checkpoint of the installation's tree of {0} leaves is not signed as it should be")]
    NoteForged(u64),
    /// The checkpoint from outside is not signed by the key that was given.
    #[error("the checkpoint from outside is not signed by the key that was given")]
    OutsideForged,
    /// A checkpoint covers more leaves than there are.
    #[error("the installation's tree has {found} leaves, and had {signed}: its end was removed")]
    EndRemoved {
        /// How many there are.
        found: u64,
        /// How many there were.
        signed: u64,
    },
    /// The checkpoint from outside has another root.
    #[error("the installation's tree of {0} leaves is not the one of the checkpoint from outside")]
    OutsideDiffers(u64),
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstallationReport {
    /// How many leaves were checked.
    pub size: u64,
    /// How many signed checkpoints fit.
    pub checkpoints: u64,
    /// The trees of the tenant that was asked about, as they were appended, the oldest first.
    pub heads: Vec<TreeHead>,
    /// What is wrong; nothing more was looked at after it.
    pub fault: Option<InstallationFault>,
}

impl InstallationLog {
    /// Reads the whole tree and compares it with every checkpoint in the database and with the one from outside. Gathers
    /// what it says of `tenant`. The connection may be the worker's or the owner's.
    pub async fn verify(
        conn: &mut AsyncPgConnection,
        tenant: TenantId,
        outside: Option<&Outside>,
    ) -> Result<InstallationReport, InstallationError> {
        let mut check = Check {
            tenant,
            verifiers: Self::verifiers(conn).await?,
            outside: None,
            frontier: Frontier::default(),
            report: InstallationReport::default(),
        };
        if let Some(Outside { note, verifier }) = outside {
            match open_checkpoint(verifier, note) {
                Ok(head) => check.outside = Some(head),
                Err(_) => return Ok(check.failed(InstallationFault::OutsideForged)),
            }
        }
        loop {
            let leaves = store::leaves_from(conn, check.report.size, BATCH).await?;
            let more = leaves.len() == usize::try_from(BATCH).unwrap_or(0);
            let notes = store::notes_after(conn, check.report.size, BATCH).await?;
            if let Err(fault) = check.batch(leaves, &notes) {
                return Ok(check.failed(fault));
            }
            if !more {
                break;
            }
        }
        let beyond = store::notes_after(conn, check.report.size, 1).await?;
        let beyond = beyond.iter().map(|(size, _)| *size);
        let signed = check.outside.map(|head| head.size).into_iter().chain(beyond).max();
        match signed {
            Some(signed) if signed > check.report.size => {
                let found = check.report.size;
                Ok(check.failed(InstallationFault::EndRemoved { found, signed }))
            }
            _ => Ok(check.report),
        }
    }
}

struct Check {
    tenant: TenantId,
    verifiers: Vec<NoteVerifier>,
    outside: Option<TreeHead>,
    frontier: Frontier,
    report: InstallationReport,
}

impl Check {
    fn failed(mut self, fault: InstallationFault) -> InstallationReport {
        self.report.fault = Some(fault);
        self.report
    }

    fn batch(&mut self, leaves: Vec<(u64, Entry)>, notes: &[(u64, String)]) -> Result<(), InstallationFault> {
        let mut signed: HashMap<u64, Hash> = HashMap::new();
        let until = self.report.size + leaves.len() as u64;
        for (size, note) in notes.iter().filter(|(size, _)| *size <= until) {
            let open = |verifier| open_checkpoint(verifier, note).ok().filter(|head| head.size == *size);
            let head = self.verifiers.iter().find_map(open).ok_or(InstallationFault::NoteForged(*size))?;
            signed.insert(*size, head.root);
        }
        for (position, entry) in leaves {
            if position != self.frontier.size() {
                return Err(InstallationFault::LeafMissing(self.frontier.size()));
            }
            self.frontier.push(installation_leaf(entry.tenant, &entry.head));
            if entry.tenant == self.tenant {
                self.report.heads.push(entry.head);
            }
            self.report.size = self.frontier.size();
            match signed.remove(&self.report.size) {
                Some(root) if root != self.frontier.root() => {
                    return Err(InstallationFault::RootDiffers(self.report.size));
                }
                Some(_) => self.report.checkpoints += 1,
                None => {}
            }
            if let Some(outside) = self.outside
                && outside.size == self.report.size
                && outside.root != self.frontier.root()
            {
                return Err(InstallationFault::OutsideDiffers(outside.size));
            }
        }
        Ok(())
    }
}
