//! An exported file, with nothing but the key that signs checkpoints at hand.

use std::io::{self, BufRead};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use ouvira_common::{id::TenantId, time::Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{ExportFault, tenant::has_expired};
use crate::{
    canonical::canonical,
    fingerprint::personal_hash,
    installation::{NoteVerifier, installation_leaf, open_checkpoint},
    merkle::{Frontier, Hash, verify_inclusion},
    model::Retention,
    seal::{Leaf, Log, TreeHead},
};

/// The longest line that is read, in bytes; a row is far below it.
const LONGEST: u64 = 4 << 20;
/// A row is written within this long of its request.
const SLOWEST: TimeDelta = TimeDelta::hours(1);

/// What was found in an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// Whose record it is.
    pub tenant: Option<TenantId>,
    /// How many rows fit.
    pub rows: u64,
    /// Of how many the personal part was erased.
    pub erased: u64,
    /// How many rows had not been sealed when they were exported: of them nothing is proven.
    pub unsealed: u64,
    /// Whether the file has every row of the tenant's record up to the checkpoint, so that none can be missing.
    pub complete: bool,
    /// How many leaves the tenant's tree had.
    pub leaves: u64,
    /// Whether the checkpoint from outside was of the same size, and so could be compared.
    pub compared: bool,
    /// What is wrong; nothing more was looked at after it.
    pub fault: Option<ExportFault>,
}

#[derive(Deserialize)]
struct Header {
    log: String,
    tenant_id: TenantId,
    size: u64,
    root: String,
    #[serde(default)]
    complete: bool,
    installation: Option<Installation>,
}

#[derive(Deserialize)]
struct Installation {
    position: u64,
    size: u64,
    path: Vec<String>,
    note: String,
}

#[derive(Deserialize)]
struct Seal {
    position: u64,
    path: Vec<String>,
}

#[derive(Deserialize)]
struct BareLeaf {
    position: u64,
    of: String,
    id: Uuid,
    retention_days: i16,
    public_hash: String,
    personal_hash: String,
}

struct Check {
    now: Timestamp,
    head: TreeHead,
    /// By position; only for complete exports.
    leaves: Vec<Option<Hash>>,
    /// The row of the line before.
    before: Option<Uuid>,
    /// The newest row that is sealed.
    newest_sealed: Option<Timestamp>,
    ended: bool,
    report: ExportReport,
}

/// Checks an export as JSON lines: the signature of its checkpoint by `verifier`, every row against it, and where the
/// export is of the whole record, that nothing is missing. `outside` is a checkpoint from elsewhere, `tenant` whose
/// record it should be, `now` decides which rows may be gone. Fails only when the file cannot be read.
pub fn verify_export(
    mut file: impl BufRead,
    verifier: &NoteVerifier,
    outside: Option<&str>,
    tenant: Option<TenantId>,
    now: Timestamp,
) -> io::Result<ExportReport> {
    let Some(first) = line(&mut file)? else { return Ok(failed(ExportFault::Unsealed)) };
    let (head, mut report) = match header(&first, verifier, outside, tenant) {
        Ok(header) => header,
        Err(fault) => return Ok(failed(fault)),
    };
    let places = if report.complete { usize::try_from(head.size).unwrap_or(0) } else { 0 };
    report.leaves = head.size;
    let mut check = Check {
        now,
        head,
        leaves: vec![None; places],
        before: None,
        newest_sealed: None,
        ended: false,
        report,
    };
    let mut number = 1;
    while let Some(text) = line(&mut file)? {
        number += 1;
        if let Err(fault) = check.line(number, &text) {
            check.report.fault = Some(fault);
            return Ok(check.report);
        }
    }
    check.report.fault = check.end().err();
    Ok(check.report)
}

fn failed(fault: ExportFault) -> ExportReport {
    ExportReport { fault: Some(fault), ..ExportReport::default() }
}

fn line(file: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut text = String::new();
    io::Read::take(file, LONGEST).read_line(&mut text)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn header(
    text: &str,
    verifier: &NoteVerifier,
    outside: Option<&str>,
    tenant: Option<TenantId>,
) -> Result<(TreeHead, ExportReport), ExportFault> {
    let header: Header = serde_json::from_str(text).map_err(|_| ExportFault::Unsealed)?;
    if header.log != "checkpoint" {
        return Err(ExportFault::Unsealed);
    }
    if tenant.is_some_and(|tenant| tenant != header.tenant_id) {
        return Err(ExportFault::OtherTenant);
    }
    let head = TreeHead { size: header.size, root: hash(&header.root).ok_or(ExportFault::Malformed(1))? };
    let Installation { position, size, path, note } = header.installation.ok_or(ExportFault::Unsigned)?;
    let signed = open_checkpoint(verifier, &note).map_err(|_| ExportFault::CheckpointForged)?;
    let path = hashes(&path).ok_or(ExportFault::Malformed(1))?;
    let leaf = installation_leaf(header.tenant_id, &head);
    if signed.size != size || !verify_inclusion(&leaf, position, size, &path, &signed.root) {
        return Err(ExportFault::CheckpointForged);
    }
    let outside = match outside {
        Some(note) => Some(open_checkpoint(verifier, note).map_err(|_| ExportFault::OutsideDiffers)?),
        None => None,
    };
    let compared = outside.is_some_and(|outside| outside.size == size);
    if compared && outside != Some(signed) {
        return Err(ExportFault::OutsideDiffers);
    }
    let report = ExportReport {
        tenant: Some(header.tenant_id),
        complete: header.complete,
        compared,
        ..ExportReport::default()
    };
    Ok((head, report))
}

impl Check {
    fn line(&mut self, number: u64, text: &str) -> Result<(), ExportFault> {
        let malformed = || ExportFault::Malformed(number);
        if self.ended {
            return Err(malformed());
        }
        let line: Map<String, Value> = serde_json::from_str(text).map_err(|_| malformed())?;
        match line.get("log").and_then(Value::as_str) {
            Some("activity") => self.row(number, line),
            Some("leaf") => self.bare_leaf(number, line),
            Some("end") => {
                self.ended = true;
                let rows = line.get("rows").and_then(Value::as_u64).ok_or_else(malformed)?;
                if rows == self.report.rows + self.report.unsealed {
                    Ok(())
                } else {
                    Err(ExportFault::Truncated)
                }
            }
            _ => Err(malformed()),
        }
    }

    fn row(&mut self, number: u64, mut line: Map<String, Value>) -> Result<(), ExportFault> {
        let malformed = || ExportFault::Malformed(number);
        let mut taken = |member: &str| line.remove(member).ok_or_else(malformed);
        let (personal, salt, kept, seal) =
            (taken("personal")?, taken("salt")?, taken("personal_hash")?, taken("seal")?);
        let document = Value::Object(line);
        let row: Uuid = document["id"].as_str().and_then(|id| id.parse().ok()).ok_or_else(malformed)?;
        let changed = ExportFault::RowChanged { line: number, row };
        if self.before.is_some_and(|before| before <= row) {
            return Err(ExportFault::RowMoved { line: number, row });
        }
        self.before = Some(row);

        let kept = kept.as_str().and_then(hash).ok_or_else(malformed)?;
        if let Some(salt) = salt.as_str() {
            let salt = STANDARD.decode(salt).map_err(|_| malformed())?;
            if personal_hash(&salt, &personal) != kept {
                return Err(changed);
            }
        } else if !personal.is_null() {
            return Err(changed);
        }
        let written =
            document["at"].as_str().and_then(|at| at.parse::<Timestamp>().ok()).ok_or_else(malformed)?;
        let Some(seal) = Option::<Seal>::deserialize(seal).map_err(|_| malformed())? else {
            if self.newest_sealed.is_some_and(|sealed| written + SLOWEST < sealed) {
                return Err(ExportFault::RowInserted { line: number, row });
            }
            self.report.unsealed += 1;
            return Ok(());
        };
        let retention =
            document["retention_days"].as_i64().and_then(|days| Retention::of_days(days.try_into().ok()?));
        let leaf = Leaf {
            position: seal.position,
            log: Log::Activity,
            row,
            retention: retention.ok_or_else(|| changed.clone())?,
            public_hash: Sha256::digest(canonical(&document)).into(),
            personal_hash: kept,
        };
        let path = hashes(&seal.path).ok_or_else(malformed)?;
        if !verify_inclusion(&leaf.hash(), leaf.position, self.head.size, &path, &self.head.root) {
            return Err(changed);
        }
        self.place(&leaf).map_err(|()| ExportFault::RowInserted { line: number, row })?;
        self.newest_sealed = self.newest_sealed.max(Some(written));
        self.report.rows += 1;
        self.report.erased += u64::from(salt.is_null());
        Ok(())
    }

    /// A leaf without its row: of the other log, or of a row that is gone because its time was over.
    fn bare_leaf(&mut self, number: u64, line: Map<String, Value>) -> Result<(), ExportFault> {
        let malformed = || ExportFault::Malformed(number);
        let bare = BareLeaf::deserialize(Value::Object(line)).map_err(|_| malformed())?;
        let log = Log::ALL.into_iter().find(|log| log.as_str() == bare.of).ok_or_else(malformed)?;
        let leaf = Leaf {
            position: bare.position,
            log,
            row: bare.id,
            retention: Retention::of_days(bare.retention_days).ok_or_else(malformed)?,
            public_hash: hash(&bare.public_hash).ok_or_else(malformed)?,
            personal_hash: hash(&bare.personal_hash).ok_or_else(malformed)?,
        };
        if log == Log::Activity && !has_expired(&leaf, self.now) {
            return Err(ExportFault::RowRemoved { row: leaf.row, position: leaf.position });
        }
        self.place(&leaf).map_err(|()| malformed())
    }

    /// Every place is taken once.
    fn place(&mut self, leaf: &Leaf) -> Result<(), ()> {
        if !self.report.complete {
            return Ok(());
        }
        let place = usize::try_from(leaf.position).ok().and_then(|at| self.leaves.get_mut(at)).ok_or(())?;
        if place.replace(leaf.hash()).is_some() { Err(()) } else { Ok(()) }
    }

    fn end(&self) -> Result<(), ExportFault> {
        if !self.ended {
            return Err(ExportFault::Truncated);
        }
        if !self.report.complete {
            return Ok(());
        }
        let mut frontier = Frontier::default();
        for leaf in &self.leaves {
            frontier.push(leaf.ok_or_else(|| ExportFault::PositionMissing(frontier.size()))?);
        }
        if frontier.root() == self.head.root { Ok(()) } else { Err(ExportFault::LeavesDiffer) }
    }
}

fn hash(text: &str) -> Option<Hash> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn hashes(texts: &[String]) -> Option<Vec<Hash>> {
    texts.iter().map(|text| hash(text)).collect()
}
