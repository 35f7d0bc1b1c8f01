//! Importing users in bulk.
//!
//! The file is read as it comes and applied in batches, a transaction each, so that memory stays bounded: what is kept of
//! a line is how it went. An import that was cut off can be sent again: a line whose user is there already updates them.

mod batch;
mod csv;
mod json_lines;
mod line;
mod report;

use futures_util::{Stream, StreamExt as _};
use ouvira_common::{context::RequestContext, permission::Scope};

use crate::{Users, error::UserError, permission};

use batch::Seen;
use csv::CsvDecoder;
use json_lines::JsonLinesDecoder;
use line::{ImportLine, Record};

pub use report::{ImportReport, ImportedLine, LineError, LineOutcome};

/// Most bytes of a file: 64 MiB.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most lines of a file.
const MAX_LINES: usize = 100_000;
/// Longest line, or record of several lines, in bytes.
const MAX_RECORD: usize = 64 * 1024;
/// Lines that are applied in one transaction.
const BATCH: usize = 200;
/// Times a batch is decided anew when somebody took an address meanwhile.
const ATTEMPTS: usize = 3;

/// What a file of users is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFormat {
    /// Comma- or semicolon-separated values with a header (RFC 4180). An empty value is one that is not there.
    Csv,
    /// A JSON object a line. Null is a value that is not there.
    JsonLines,
}

enum Decoder {
    Csv(Box<CsvDecoder>),
    JsonLines(JsonLinesDecoder),
}

impl Decoder {
    fn new(format: ImportFormat) -> Self {
        match format {
            ImportFormat::Csv => Self::Csv(Box::default()),
            ImportFormat::JsonLines => Self::JsonLines(JsonLinesDecoder::default()),
        }
    }

    fn decode(&mut self, bytes: &[u8], records: &mut Vec<Record>) -> Result<(), UserError> {
        match self {
            Self::Csv(decoder) => decoder.decode(bytes, records)?,
            Self::JsonLines(decoder) => decoder.decode(bytes, records),
        }
        Ok(())
    }

    fn finish(self, records: &mut Vec<Record>) -> Result<(), UserError> {
        match self {
            Self::Csv(decoder) => decoder.finish(records)?,
            Self::JsonLines(decoder) => decoder.finish(records),
        }
        Ok(())
    }
}

/// An import in progress.
struct Import<'i> {
    users: &'i Users,
    ctx: &'i RequestContext,
    /// Lines that are read and not applied yet, those among them that failed already included: they are told in order.
    pending: Vec<(u32, Result<ImportLine, Vec<LineError>>)>,
    lines: usize,
    seen: Option<Seen>,
    report: ImportReport,
}

impl Users {
    /// Creates or updates a user for each line of `file`, told apart by their e-mail address; a new one is mailed a link
    /// to set a password. Needs `user.create`, and `user.update` for lines whose user is there already. Fields are
    /// `email`, `phone`, `first_name`, `last_name`, `locale` and `timezone`; what a line does not have stays as it is.
    ///
    /// A line that fails leaves the others alone. With `dry_run` nothing is written and the answer is what would come of
    /// it. Fails as a whole for a bad header, for more than 64 MiB, and when `file` or the database breaks off, which
    /// leaves applied what came before.
    pub async fn import<S, B, E>(
        &self,
        ctx: &RequestContext,
        format: ImportFormat,
        mut file: S,
        dry_run: bool,
    ) -> Result<ImportReport, UserError>
    where
        S: Stream<Item = Result<B, E>> + Unpin,
        B: AsRef<[u8]>,
    {
        self.db
            .read(ctx, async |tx| {
                Ok::<_, UserError>(self.rights.require(tx, &permission::CREATE, Scope::Tenant).await?)
            })
            .await?;
        let mut import = Import::new(self, ctx, dry_run);
        let mut decoder = Decoder::new(format);
        let mut records = Vec::new();
        let mut size = 0;
        while let Some(bytes) = file.next().await {
            let bytes = bytes.map_err(|_| UserError::FileBroken)?;
            size += bytes.as_ref().len();
            if size > MAX_BYTES {
                return Err(UserError::FileTooLarge);
            }
            decoder.decode(bytes.as_ref(), &mut records)?;
            import.take(&mut records).await?;
        }
        decoder.finish(&mut records)?;
        import.take(&mut records).await?;
        import.flush().await?;
        Ok(import.report)
    }
}

impl<'i> Import<'i> {
    fn new(users: &'i Users, ctx: &'i RequestContext, dry_run: bool) -> Self {
        let seen = dry_run.then(Seen::default);
        Self { users, ctx, pending: Vec::new(), lines: 0, seen, report: ImportReport::default() }
    }

    /// Parses records and applies them whenever a batch is full. A batch has no address twice, so that each of its lines
    /// can be decided by itself.
    async fn take(&mut self, records: &mut Vec<Record>) -> Result<(), UserError> {
        for record in records.drain(..) {
            self.lines += 1;
            if self.lines > MAX_LINES {
                if self.lines == MAX_LINES + 1 {
                    self.pending.push((record.line, Err(vec![LineError::too_many(MAX_LINES)])));
                }
                continue;
            }
            let line = record.line;
            let parsed = record.parse();
            let clashes = |line: &ImportLine| self.ready().any(|other| other.clashes_with(line));
            if self.pending.len() == BATCH || parsed.as_ref().is_ok_and(clashes) {
                self.flush().await?;
            }
            self.pending.push((line, parsed));
        }
        Ok(())
    }

    fn ready(&self) -> impl Iterator<Item = &ImportLine> {
        self.pending.iter().filter_map(|(_, line)| line.as_ref().ok())
    }

    /// Applies what is pending and reports it.
    async fn flush(&mut self) -> Result<(), UserError> {
        let ready: Vec<ImportLine> = self.ready().cloned().collect();
        let mut outcomes = self.apply(&ready).await?.into_iter();
        for (line, parsed) in std::mem::take(&mut self.pending) {
            let outcome = match parsed {
                Ok(_) => outcomes.next().expect("every line of a batch has an outcome"),
                Err(errors) => LineOutcome::Failed(errors),
            };
            self.report.push(line, outcome);
        }
        Ok(())
    }

    async fn apply(&mut self, lines: &[ImportLine]) -> Result<Vec<LineOutcome>, UserError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(seen) = &mut self.seen {
            return self.users.foresee(self.ctx, lines, seen).await;
        }
        for _ in 1..ATTEMPTS {
            match self.users.apply(self.ctx, lines).await {
                Err(UserError::EmailTaken | UserError::PhoneTaken) => {}
                outcome => return outcome,
            }
        }
        self.users.apply(self.ctx, lines).await
    }
}
