//! Checkpoints in a bucket of S3, or of what speaks its protocol.

use std::{error::Error as _, fmt, str::FromStr, sync::Arc, time::Duration};

use async_trait::async_trait;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt as _, RetryConfig, aws::AmazonS3Builder, path::Path,
};
use ouvira_common::secret::Secret;

use super::{
    NoteVerifier,
    keep::{CheckpointStore, KeepError, Kept, NEWEST, VERIFIER, name_of},
};

/// How long a request may take, and how long it is tried again for.
const PATIENCE: Duration = Duration::from_secs(10);

/// `s3://bucket/prefix`: where in which bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketAddress {
    bucket: String,
    /// Without slashes around it; empty for the whole bucket.
    prefix: String,
}

/// What is no address of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an address such as s3://bucket/prefix")]
pub struct InvalidBucket;

impl FromStr for BucketAddress {
    type Err = InvalidBucket;

    fn from_str(text: &str) -> Result<Self, InvalidBucket> {
        let rest = text.strip_prefix("s3://").ok_or(InvalidBucket)?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        // The names that buckets have had since 2018.
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        let named = (3..=63).contains(&bucket.len()) && bucket.chars().all(known);
        if named && Path::parse(prefix).is_ok() {
            Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
        } else {
            Err(InvalidBucket)
        }
    }
}

impl fmt::Display for BucketAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bucket, prefix } = self;
        let slash = if prefix.is_empty() { "" } else { "/" };
        write!(f, "s3://{bucket}{slash}{prefix}")
    }
}

/// A pair that requests are signed with.
#[derive(Debug, Clone)]
pub struct BucketCredentials {
    /// The id of the pair.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: Secret,
}

/// How buckets are reached.
#[derive(Debug, Clone)]
pub struct BucketAccess {
    /// Such as `eu-west-3`.
    pub region: String,
    /// Where the service is; that of the region at AWS when `None`.
    pub endpoint: Option<String>,
    /// Who asks; what the machine is at AWS when `None`: the variables `AWS_*`, a web identity, the role of its container or of
    /// the instance.
    pub credentials: Option<BucketCredentials>,
}

/// A bucket: the objects are named as the files of a
/// [`CheckpointDirectory`](super::CheckpointDirectory) are. Needs to read and to write objects, and neither to list nor to
/// remove them.
#[derive(Debug, Clone)]
pub struct CheckpointBucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl CheckpointBucket {
    /// The bucket of `address`; nothing is asked yet.
    pub fn new(address: &BucketAddress, access: &BucketAccess) -> Result<Self, KeepError> {
        let BucketAccess { region, endpoint, credentials } = access;
        let mut builder = match credentials {
            None => AmazonS3Builder::from_env(),
            Some(pair) => AmazonS3Builder::new()
                .with_access_key_id(&pair.access_key_id)
                .with_secret_access_key(pair.secret_access_key.expose()),
        };
        builder = builder.with_bucket_name(&address.bucket).with_region(region);
        let plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let client = ClientOptions::new()
            .with_allow_http(plain)
            .with_connect_timeout(PATIENCE / 2)
            .with_timeout(PATIENCE)
            .with_default_content_type("text/plain; charset=utf-8");
        let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let store = builder.with_client_options(client).with_retry(retry).build().map_err(|e| failed(&e))?;
        let prefix = Path::parse(&address.prefix).map_err(|error| KeepError(error.to_string()))?;
        Ok(Self { store: Arc::new(store), prefix })
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.prefix.clone(), Path::join)
    }

    async fn put(&self, name: &str, text: &str) -> Result<(), KeepError> {
        let put = self.store.put(&self.path(name), text.to_owned().into()).await;
        put.map(drop).map_err(|error| failed(&error))
    }

    async fn read(&self, name: &str) -> Result<Option<String>, KeepError> {
        let found = match self.store.get(&self.path(name)).await {
            // A bucket that is not there is not found either.
            Err(Error::NotFound { source, .. }) if !source.to_string().contains("NoSuchBucket") => {
                return Ok(None);
            }
            found => found.map_err(|error| failed(&error))?,
        };
        let bytes = found.bytes().await.map_err(|error| failed(&error))?;
        let text = String::from_utf8(bytes.into()).map_err(|_| KeepError(format!("{name} is no text")))?;
        Ok(Some(text))
    }
}

#[async_trait]
impl CheckpointStore for CheckpointBucket {
    async fn keep(&self, size: u64, note: &str, verifier: &NoteVerifier) -> Result<(), KeepError> {
        // The newest last: it names nothing that is not there.
        self.put(VERIFIER, &format!("{verifier}\n")).await?;
        self.put(&name_of(size), note).await?;
        self.put(NEWEST, note).await
    }

    async fn find(&self, size: Option<u64>) -> Result<Option<Kept>, KeepError> {
        let name = size.map_or_else(|| NEWEST.to_owned(), name_of);
        let Some(note) = self.read(&name).await? else { return Ok(None) };
        Kept::new(note, self.read(VERIFIER).await?.as_deref()).map(Some)
    }

    async fn probe(&self) -> Result<(), KeepError> {
        self.read(VERIFIER).await.map(drop)
    }
}

/// What the service said, without the stack of who was asked on the way.
fn failed(error: &Error) -> KeepError {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    KeepError(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_prefix() {
        for (text, shown) in [
            ("s3://records", "s3://records"),
            ("s3://records/", "s3://records"),
            ("s3://records.example.com/ouvira/production/", "s3://records.example.com/ouvira/production"),
        ] {
            assert_eq!(text.parse::<BucketAddress>().unwrap().to_string(), shown);
        }
        for text in [
            "",
            "records",
            "s3:/records",
            "s3://",
            "s3://a",
            "s3://Records",
            "s3://re cords/a",
            "s3://records/a//b",
            "s3://records/../a",
        ] {
            assert_eq!(text.parse::<BucketAddress>(), Err(InvalidBucket), "{text}");
        }
    }
}
