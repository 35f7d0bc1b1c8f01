//! What is kept outside is held against the tree before anything is added to it.

use diesel_async::AsyncPgConnection;

use super::SealingError;
use crate::installation::{CheckpointStore, InstallationLog, KeepError, parse_checkpoint};

/// Makes sure that the newest checkpoint outside is of this tree, and brings the one in the database there when a former round
/// could not. So a tree that was cut off or made anew is never witnessed over what is known of it outside, and while the place
/// cannot be used, the tree does not grow.
pub(super) async fn catch_up(
    conn: &mut AsyncPgConnection,
    outside: &dyn CheckpointStore,
) -> Result<(), SealingError> {
    let newest = InstallationLog::newest(conn).await?;
    let kept = outside.find(None).await?;
    let kept = kept.map(|kept| parse_checkpoint(&kept.note)).transpose();
    let kept = kept.map_err(|error| KeepError(format!("what is kept there is no checkpoint: {error}")))?;
    if let Some(head) = kept
        && InstallationLog::root_of(conn, head.size).await? != Some(head.root)
    {
        return Err(SealingError::AnotherTree(head.size));
    }
    let known = kept.map_or(0, |head| head.size);
    if let Some((size, note)) = newest.filter(|(size, _)| *size > known)
        && let Some(verifier) = InstallationLog::verifiers(conn).await?.last()
    {
        outside.keep(size, &note, verifier).await?;
    }
    Ok(())
}
