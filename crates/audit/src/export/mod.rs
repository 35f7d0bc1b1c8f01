//! Taking activities out: as CSV for people, as JSON lines for programs and for proving them elsewhere.

mod csv;
mod lines;

use ouvira_common::{
    context::RequestContext,
    ports::{Activity, AuditSink as _, Changes},
};
use uuid::Uuid;

use crate::{Audit, AuditError, list_activity::ActivityFilter, model::SealableActivity, store};

/// How many rows are read, and held in memory, at a time.
const BATCH: i64 = 500;

/// How an export is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// RFC 4180 with a header; no cell is a formula to a spreadsheet.
    Csv,
    /// A JSON object a line: the public fields exactly as they are hashed, the personal ones with their salt apart.
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
}

enum Progress {
    Beginning,
    After(Option<Uuid>),
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
        self.db
            .write(ctx, async |tx| {
                self.reach(tx).await?;
                let changes = Changes::new().public("filter", None, Some(&filter)).public(
                    "format",
                    None,
                    Some(format.as_str()),
                );
                let exported = Activity::new("activity_log.exported", "activity_log", Uuid::nil());
                self.recorder.record(tx, exported.company(filter.company).changes(changes));
                Ok::<_, AuditError>(())
            })
            .await?;
        Ok(Export { audit: self.clone(), ctx: ctx.clone(), filter, format, progress: Progress::Beginning })
    }
}

impl Export {
    /// The next piece of text; `None` when all was said.
    pub async fn next(&mut self) -> Result<Option<String>, AuditError> {
        let after = match self.progress {
            Progress::Beginning if self.format == ExportFormat::Csv => {
                self.progress = Progress::After(None);
                return Ok(Some(csv::header()));
            }
            Progress::Beginning => None,
            Progress::After(after) => after,
            Progress::Done => return Ok(None),
        };
        let batch = self.batch(after).await?;
        self.progress = match batch.last() {
            Some(last) if batch.len() == usize::try_from(BATCH).unwrap_or(0) => {
                Progress::After(Some(last.record.entry.head.id))
            }
            _ => Progress::Done,
        };
        let write = match self.format {
            ExportFormat::Csv => csv::row,
            ExportFormat::JsonLines => lines::line,
        };
        Ok(Some(batch.iter().map(write).collect()))
    }

    async fn batch(&self, after: Option<Uuid>) -> Result<Vec<SealableActivity>, AuditError> {
        let Self { audit, ctx, filter, format, .. } = self;
        audit
            .db
            .read(ctx, async |tx| {
                let reach = audit.reach(tx).await?;
                let mut batch = store::sealable_activities(tx, filter, &reach, after, BATCH).await?;
                if *format == ExportFormat::Csv {
                    audit.name_actors(tx, batch.iter_mut().map(|row| &mut row.record)).await?;
                }
                Ok(batch)
            })
            .await
    }
}
