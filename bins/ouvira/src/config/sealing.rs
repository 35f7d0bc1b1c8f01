//! Where signed checkpoints of the record go.

use std::path::PathBuf;

use ouvira_audit::installation::{BucketAccess, BucketAddress, BucketCredentials};

use super::{
    WebAddress,
    source::{Refusal, Source, secret, text},
};

/// Sealing of the logs.
#[derive(Debug)]
pub(crate) struct SealingConfig {
    /// `AUDIT_CHECKPOINT_DIR`: a directory where signed checkpoints are kept beside the database.
    pub(crate) directory: Option<PathBuf>,
    /// `AUDIT_CHECKPOINT_S3_URL`: a bucket for them instead.
    pub(crate) bucket: Option<BucketAddress>,
    /// `AUDIT_CHECKPOINT_S3_*`: how buckets are reached.
    pub(crate) access: BucketAccess,
}

impl SealingConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let directory = source.optional("AUDIT_CHECKPOINT_DIR", |text| Ok(PathBuf::from(text)));
        let bucket = source.optional("AUDIT_CHECKPOINT_S3_URL", |text| {
            text.parse::<BucketAddress>().map_err(|error| error.to_string())
        });
        if directory.is_some() && bucket.is_some() {
            source.mistake("AUDIT_CHECKPOINT_S3_URL", "is given beside AUDIT_CHECKPOINT_DIR: one of them");
        }
        let region = source.or("AUDIT_CHECKPOINT_S3_REGION", "us-east-1", region);
        let endpoint = source.optional("AUDIT_CHECKPOINT_S3_ENDPOINT", WebAddress::parse);
        let key = source.optional("AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID", text);
        let secret = source.secret("AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY", secret);
        let beside = "is missing beside the other half of the pair";
        match (&key, &secret) {
            (Some(_), None) => source.mistake("AUDIT_CHECKPOINT_S3_SECRET_ACCESS_KEY", beside),
            (None, Some(_)) => source.mistake("AUDIT_CHECKPOINT_S3_ACCESS_KEY_ID", beside),
            _ => {}
        }
        let credentials = key.zip(secret);
        let credentials = credentials
            .map(|(access_key_id, secret_access_key)| BucketCredentials { access_key_id, secret_access_key });
        let endpoint = endpoint.map(|address| address.as_str().to_owned());
        Self { directory, bucket, access: BucketAccess { region, endpoint, credentials } }
    }

    /// Whether credentials and checkpoints would travel in the clear.
    pub(super) fn is_plain(&self) -> bool {
        self.access.endpoint.as_ref().is_some_and(|endpoint| !endpoint.starts_with("https://"))
    }
}

fn region(text: &str) -> Result<String, Refusal> {
    let fits = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if fits { Ok(text.to_owned()) } else { Err("must be a region such as eu-west-3".to_owned()) }
}

/// What the tree of this installation calls itself (C2SP tlog-checkpoint: an address without its scheme).
pub(crate) fn log_origin(public_url: &WebAddress) -> String {
    let address = public_url.as_str();
    let bare = address.split_once("://").map_or(address, |(_, bare)| bare);
    format!("{}/audit", bare.replace('+', "-"))
}
