//! The key that signs checkpoints.

use diesel_async::AsyncPgConnection;
use ouvira_common::{entropy::random_bytes, id::uuid_at, time::Timestamp};
use uuid::Uuid;

use super::{
    InstallationError, InstallationLog, NoteSigner, NoteVerifier,
    store::{self, KeptKey},
};

fn purpose(id: Uuid) -> String {
    format!("audit checkpoint key {id}")
}

/// The signer that signs at present; `None` before the first.
pub(super) async fn current(
    log: &InstallationLog,
    conn: &mut AsyncPgConnection,
) -> Result<Option<NoteSigner>, InstallationError> {
    let Some(kept) = store::signing_key(conn).await? else { return Ok(None) };
    let seed = log
        .keys
        .unwrap(&kept.wrapped_by, &purpose(kept.id), &kept.wrapped)
        .map_err(|_| InstallationError::Key)?;
    let seed: [u8; 32] = seed.try_into().map_err(|_| InstallationError::Key)?;
    NoteSigner::from_seed(&kept.name, &seed).map(Some).map_err(|_| InstallationError::Key)
}

/// A new key, which signs from now on.
pub(super) async fn generate(
    log: &InstallationLog,
    conn: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<NoteSigner, InstallationError> {
    let seed: [u8; 32] = random_bytes(&*log.entropy);
    let signer = NoteSigner::from_seed(&log.origin, &seed).map_err(|_| InstallationError::Key)?;
    let id = uuid_at(now);
    let (wrapped_by, wrapped) = log.keys.wrap(&purpose(id), &seed, &*log.entropy);
    let kept = KeptKey { id, name: log.origin.clone(), wrapped_by, wrapped };
    store::put_signing_key(conn, &kept, &signer.verifier().to_string(), now).await?;
    Ok(signer)
}

impl InstallationLog {
    /// Those who check what was signed here, the oldest key first. What they vouch for is worth as much as the place
    /// they were read from: keep their text outside of the database.
    pub async fn verifiers(conn: &mut AsyncPgConnection) -> Result<Vec<NoteVerifier>, InstallationError> {
        let kept = store::verifiers(conn).await?;
        kept.iter().map(|text| NoteVerifier::parse(text).map_err(|_| InstallationError::Key)).collect()
    }
}
