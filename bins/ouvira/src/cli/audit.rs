//! `ouvira audit`.

use std::{
    fmt::Write as _,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use ouvira_audit::{
    installation::{
        CheckpointStore, InstallationLog, InstallationReport, Kept, NoteVerifier, Outside, parse_checkpoint,
    },
    verify::{ExportReport, Fault, Signed, TenantReport, Verifier, verify_export},
};
use ouvira_common::{
    context::{Origin, Pass, RequestContext},
    db::connect,
    id::TenantId,
    ports::{TenantName, TenantResolver as _},
    principal::Principal,
    time::{Clock as _, SystemClock},
};
use serde_json::json;
use uuid::Uuid;

use super::{Answer, CommandError};
use crate::{
    checkpoints,
    config::{Config, Purpose},
    delivery::NoCaptcha,
    node::Node,
    platform::Platform,
};

/// The record of what was done.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Say whether anything in a record was changed, inserted, removed or reordered; fails when something was.
    Verify(Verify),
}

/// Which record, and what it is held against.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Slug or id of the tenant; with --export its id, and not needed.
    #[arg(long, required_unless_present = "export")]
    tenant: Option<String>,
    /// A signed checkpoint from outside of the database, a directory of them, or a bucket (`s3://bucket/prefix`): what is missing
    /// since then is found. `AUDIT_CHECKPOINT_DIR` or `AUDIT_CHECKPOINT_S3_URL` when left out.
    #[arg(long)]
    checkpoint: Option<String>,
    /// Verify this export (JSON lines) instead of the database, offline.
    #[arg(long)]
    export: Option<PathBuf>,
    /// A file with the key that checkpoints are signed with; `verifier` beside the checkpoint when left out.
    #[arg(long)]
    key: Option<PathBuf>,
}

impl Audit {
    pub(super) fn run(self) -> Result<Answer, CommandError> {
        let Self::Verify(verify) = self;
        match &verify.export {
            Some(export) => verify.export(export),
            None => verify.live(&super::read(Purpose::Administer)?),
        }
    }
}

impl Verify {
    fn export(&self, path: &Path) -> Result<Answer, CommandError> {
        let tenant = self.tenant.as_deref().map(str::parse::<TenantId>).transpose();
        let tenant = tenant.map_err(|_| CommandError::internal(&"with --export, --tenant takes an id"))?;
        let open = || File::open(path).map(BufReader::new).map_err(|error| failed(path, &error));
        let place = self.checkpoint.as_deref().map(|text| Place::named(text, None)).transpose()?;
        // The checkpoint of exactly the export's size can be compared with it.
        let size = exported_size(open()?).unwrap_or(0);
        let kept = super::block_on(async {
            let Some(place) = &place else { return Ok(None) };
            match place.find(Some(size)).await? {
                // The key beside the checkpoints serves without one of that size too.
                None => place.find(None).await.map(|kept| kept.map(|kept| (None, kept.verifier))),
                Some(kept) => Ok(Some((Some(kept.note), kept.verifier))),
            }
        })??;
        let (note, beside) = kept.unwrap_or_default();
        let key = self.key()?.or(beside).ok_or_else(|| {
            CommandError::internal(
                &"name the key that signs checkpoints with --key, or keep it beside --checkpoint as `verifier`",
            )
        })?;
        let report = verify_export(open()?, &key, note.as_deref(), tenant, SystemClock.now())
            .map_err(|error| failed(path, &error))?;
        answer_export(&report)
    }

    fn live(&self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        let named = self.checkpoint.as_deref().map(|text| Place::named(text, Some(config))).transpose()?;
        let place = match named {
            Some(place) => Some(place),
            None => checkpoints::outside(config).map_err(|e| CommandError::internal(&e))?.map(Place::Store),
        };
        let key = self.key()?;
        super::block_on(async {
            let kept = match &place {
                Some(place) => place.find(None).await?,
                None => None,
            };
            let outside = match kept {
                // Before the first round there is nothing, unless it was asked for by name.
                None if self.checkpoint.is_none() => None,
                None => return Err(CommandError::internal(&"there is no checkpoint at that place")),
                Some(kept) => {
                    let verifier = key.or(kept.verifier).ok_or_else(|| {
                        CommandError::internal(&"there is no key beside the checkpoint: name it with --key")
                    })?;
                    Some(Outside { note: kept.note, verifier })
                }
            };
            let node = Node::new(config, &platform, Arc::new(NoCaptcha));
            let tenant = self.tenant.as_deref().unwrap_or_default();
            let name = tenant.parse().map_or(TenantName::Slug(tenant), TenantName::Id);
            let tenant = node.directory.resolve(name).await.map_err(|error| CommandError::refused(&error))?;
            let ctx = RequestContext::new(
                tenant,
                Principal::SYSTEM,
                Pass::Job(Uuid::nil()),
                Origin::default(),
                node.clock.now(),
            );
            let owner = Platform::need(platform.owner.as_ref());
            let mut conn = connect(&owner, None).await.map_err(|error| CommandError::internal(&error))?;
            // Before the tenant: what is sealed meanwhile is only more than the installation vouches for.
            let installation = InstallationLog::verify(&mut conn, ctx.tenant_id(), outside.as_ref())
                .await
                .map_err(|error| CommandError::internal(&error))?;
            let verifiers = InstallationLog::verifiers(&mut conn).await;
            let verifiers = verifiers.map_err(|error| CommandError::internal(&error))?;
            let signed = Signed { verifiers, heads: installation.heads.clone() };
            let verified = Verifier::new(node.services(2).db).verify(&ctx, &signed).await;
            let mut report = verified.map_err(|error| CommandError::refused(&error))?;
            // What names a row says more than that something is wrong somewhere.
            report.fault = report.fault.or(installation.fault.clone().map(Fault::from));
            answer(&report, &installation, outside.is_some())
        })?
    }

    /// What `--key` names.
    fn key(&self) -> Result<Option<NoteVerifier>, CommandError> {
        let Some(path) = &self.key else { return Ok(None) };
        NoteVerifier::parse(&text(path)?).map(Some).map_err(|error| failed(path, &error))
    }
}

/// Where a checkpoint from outside is.
enum Place {
    /// A file; `verifier` may be beside it.
    File(PathBuf),
    Store(Arc<dyn CheckpointStore>),
}

impl Place {
    /// What `--checkpoint` names. Only a bucket needs a configuration; it is read when there is none yet.
    fn named(text: &str, config: Option<&Config>) -> Result<Self, CommandError> {
        if text.starts_with("s3://") {
            let address = text.parse().map_err(|error| CommandError::internal(&error))?;
            let bucket = match config {
                Some(config) => checkpoints::bucket(config, &address),
                None => checkpoints::bucket(&super::read(Purpose::Look)?, &address),
            };
            return bucket.map(Self::Store).map_err(|error| CommandError::internal(&error));
        }
        let path = PathBuf::from(text);
        Ok(if path.is_dir() { Self::Store(checkpoints::directory(path)) } else { Self::File(path) })
    }

    /// The checkpoint of that size, or the newest. A file is the one that it is.
    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, CommandError> {
        match self {
            Self::Store(store) => store.find(size).await.map_err(|error| CommandError::internal(&error)),
            Self::File(path) => {
                let beside = path.with_file_name("verifier");
                let key = beside.exists().then(|| text(&beside)).transpose()?;
                let verifier = key.map(|key| NoteVerifier::parse(&key)).transpose();
                let verifier = verifier.map_err(|error| failed(&beside, &error))?;
                Ok(Some(Kept { note: text(path)?, verifier }))
            }
        }
    }
}

fn text(path: &Path) -> Result<String, CommandError> {
    fs::read_to_string(path).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &dyn std::fmt::Display) -> CommandError {
    CommandError::internal(&format!("{}: {error}", path.display()))
}

/// How large the installation's tree was by the checkpoint that the export begins with.
fn exported_size(mut file: impl std::io::BufRead) -> Option<u64> {
    let mut first = String::new();
    file.read_line(&mut first).ok()?;
    let header: serde_json::Value = serde_json::from_str(&first).ok()?;
    parse_checkpoint(header["installation"]["note"].as_str()?).ok().map(|head| head.size)
}

fn answer_export(report: &ExportReport) -> Result<Answer, CommandError> {
    if let Some(fault) = &report.fault {
        return Err(CommandError::faults("record_tampered", &[fault.to_string()]));
    }
    let ExportReport { tenant, rows, erased, unsealed, complete, leaves, compared, .. } = report;
    let mut people = format!("{rows} rows fit; of {erased} the personal part was erased");
    if *unsealed > 0 {
        let _ = write!(people, "\n{unsealed} rows were not sealed yet: nothing is proven of them");
    }
    people += if *complete {
        "\nNothing is missing"
    } else {
        "\nIt is a part of the record: what was left out is not checked"
    };
    people += if *compared { "\nThe checkpoint is the one from outside" } else { "" };
    Ok(Answer::new(
        people,
        json!({
            "tenant_id": tenant, "rows": rows, "erased": erased, "unsealed": unsealed, "complete": complete,
            "leaves": leaves, "outside": compared,
        }),
    ))
}

fn answer(
    report: &TenantReport,
    installation: &InstallationReport,
    outside: bool,
) -> Result<Answer, CommandError> {
    if let Some(fault) = &report.fault {
        return Err(CommandError::faults("record_tampered", &[fault.to_string()]));
    }
    let TenantReport { leaves, rows, erased, expired, checkpoints, signed, .. } = report;
    let mut people = format!(
        "{leaves} sealed rows: {rows} fit, of {erased} the personal part was erased, {expired} are gone because their time \
         was over\n{checkpoints} checkpoints fit, {signed} of them signed\nThe installation's tree of {} leaves fits",
        installation.size
    );
    people +=
        if outside { ", and the checkpoint from outside" } else { "; there was no checkpoint from outside" };
    Ok(Answer::new(
        people,
        json!({
            "leaves": leaves, "rows": rows, "erased": erased, "expired": expired, "checkpoints": checkpoints,
            "signed": signed, "outside": outside,
            "installation": {"size": installation.size, "checkpoints": installation.checkpoints},
        }),
    ))
}
