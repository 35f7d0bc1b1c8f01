//! Taking activities out: as CSV for people, as JSON lines for programs and for proving them elsewhere.

mod csv;
mod lines;

use std::collections::HashMap;

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    ports::{Activity, AuditSink as _, Changes, Visible},
};
use uuid::Uuid;

use crate::{
    Audit, AuditError,
    list_activity::ActivityFilter,
    merkle::{Hash, Sought, inclusion},
    model::SealableActivity,
    seal::{Checkpoint, store as seal},
    store,
};

/// How many rows are read, and held in memory, at a time.
const BATCH: i64 = 500;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180 with a header; no cell is a formula to a spreadsheet.
    Csv,
    /// A JSON object a line: first the checkpoint, then each row's public fields exactly as they are hashed, the personal
    /// ones with their salt apart, and the row's way up to the checkpoint.
    JsonLines,
}

impl ExportFormat {
    /// The name in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "json_lines",
        }
    }
}

/// An export under way. Every batch passes the gate and is asked for anew whether the caller may, so that it ends with
/// their session or their right.
pub struct Export {
    audit: Audit,
    ctx: RequestContext,
    filter: ActivityFilter,
    format: ExportFormat,
    progress: Progress,
    /// The tree that rows are shown to be in; none before the first was sealed.
    checkpoint: Option<Checkpoint>,
    /// Whether it is of the whole record, so that the leaves of all others are told too and nothing can be missing.
    complete: bool,
    written: u64,
}

enum Progress {
    Beginning,
    After(Option<Uuid>),
    /// Leaves of what is not in the export, from this position on.
    Leaves(u64),
    End,
    Done,
}

impl Audit {
    /// Begins an export of the activities that match, the newest first, as far as the caller holds `audit.read`. That
    /// it was begun is logged (L0).
    pub async fn export_activity(
        &self,
        ctx: &RequestContext,
        filter: ActivityFilter,
        format: ExportFormat,
    ) -> Result<Export, AuditError> {
        filter.checked()?;
        let (checkpoint, complete) = self
            .db
            .write(ctx, async |tx| {
                let reach = self.reach(tx).await?;
                let changes = Changes::new().public("filter", None, Some(&filter)).public(
                    "format",
                    None,
                    Some(format.as_str()),
                );
                let exported = Activity::new("activity_log.exported", "activity_log", Uuid::nil());
                self.recorder.record(tx, exported.company(filter.company).changes(changes));
                let complete = matches!(reach, Visible::All) && filter == ActivityFilter::default();
                match format {
                    ExportFormat::Csv => Ok::<_, AuditError>((None, false)),
                    ExportFormat::JsonLines => Ok((seal::best_checkpoint(tx).await?, complete)),
                }
            })
            .await?;
        let (audit, ctx, progress) = (self.clone(), ctx.clone(), Progress::Beginning);
        Ok(Export { audit, ctx, filter, format, progress, checkpoint, complete, written: 0 })
    }
}

impl Export {
    /// The next piece of text, which is not empty; `None` when all was said.
    pub async fn next(&mut self) -> Result<Option<String>, AuditError> {
        loop {
            match self.piece().await? {
                // To a chunked body an empty piece is the end.
                Some(piece) if piece.is_empty() => {}
                piece => return Ok(piece),
            }
        }
    }

    async fn piece(&mut self) -> Result<Option<String>, AuditError> {
        let after = match self.progress {
            Progress::Beginning => {
                self.progress = Progress::After(None);
                match (self.format, &self.checkpoint) {
                    (ExportFormat::Csv, _) => return Ok(Some(csv::header())),
                    (ExportFormat::JsonLines, Some(checkpoint)) => {
                        return Ok(Some(lines::header(self.ctx.tenant_id(), checkpoint, self.complete)));
                    }
                    (ExportFormat::JsonLines, None) => None,
                }
            }
            Progress::After(after) => after,
            Progress::Leaves(position) => return self.leaves(position).await.map(Some),
            Progress::End => {
                self.progress = Progress::Done;
                return Ok(Some(lines::end(self.written)));
            }
            Progress::Done => return Ok(None),
        };
        let (batch, seals) = self.batch(after).await?;
        self.progress = match batch.last() {
            Some(last) if batch.len() == usize::try_from(BATCH).unwrap_or(0) => {
                Progress::After(Some(last.record.entry.head.id))
            }
            _ if self.format == ExportFormat::Csv => Progress::Done,
            _ if self.complete => Progress::Leaves(0),
            _ => Progress::End,
        };
        self.written += batch.len() as u64;
        let written = batch.iter().map(|activity| match self.format {
            ExportFormat::Csv => csv::row(activity),
            ExportFormat::JsonLines => lines::line(activity, seals.get(&activity.record.entry.head.id)),
        });
        Ok(Some(written.collect()))
    }

    /// Leaves from `position` on whose rows are not in the export.
    async fn leaves(&mut self, position: u64) -> Result<String, AuditError> {
        let size = self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.head.size);
        let found = self
            .audit
            .db
            .read(&self.ctx, async |tx| {
                Ok::<_, AuditError>(seal::bare_leaves(tx, position, size, BATCH).await?)
            })
            .await?;
        self.progress = match found.last() {
            Some(last) if found.len() == usize::try_from(BATCH).unwrap_or(0) => {
                Progress::Leaves(last.position + 1)
            }
            _ => Progress::End,
        };
        Ok(found.iter().map(lines::leaf).collect())
    }

    async fn batch(&self, after: Option<Uuid>) -> Result<(Vec<SealableActivity>, Seals), AuditError> {
        let Self { audit, ctx, filter, format, checkpoint, .. } = self;
        audit
            .db
            .read(ctx, async |tx| {
                let reach = audit.reach(tx).await?;
                let mut batch = store::sealable_activities(tx, filter, &reach, after, BATCH).await?;
                let seals = match format {
                    ExportFormat::Csv => {
                        audit.name_actors(tx, batch.iter_mut().map(|row| &mut row.record)).await?;
                        Seals::new()
                    }
                    ExportFormat::JsonLines => seals(tx, &batch, checkpoint.as_ref()).await?,
                };
                Ok((batch, seals))
            })
            .await
    }
}

/// By row: its place in the tree, and its way up to the root.
type Seals = HashMap<Uuid, (u64, Vec<Hash>)>;

async fn seals(
    tx: &mut Tx,
    batch: &[SealableActivity],
    checkpoint: Option<&Checkpoint>,
) -> Result<Seals, AuditError> {
    let Some(size) = checkpoint.map(|checkpoint| checkpoint.head.size) else { return Ok(Seals::new()) };
    let ids: Vec<Uuid> = batch.iter().map(|activity| activity.record.entry.head.id).collect();
    let leaves = seal::leaves_of(tx, &ids).await?;
    let (rows, sought): (Vec<(Uuid, u64)>, Vec<Sought>) = leaves
        .into_values()
        .filter_map(|leaf| Some(((leaf.row, leaf.position), inclusion(leaf.position, size)?)))
        .unzip();
    let nodes = seal::nodes(tx, &sought).await?;
    let found = rows.into_iter().zip(&sought).map(|((row, position), sought)| {
        let path = sought.found(&nodes).ok_or_else(|| seal::corrupt("node"))?;
        Ok((row, (position, path)))
    });
    found.collect()
}
