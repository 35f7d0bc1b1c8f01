//! Checkpoints (C2SP tlog-checkpoint): what a transparency log says of itself.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::note::{NoteError, NoteSigner, NoteVerifier};
use crate::seal::TreeHead;

/// A signed checkpoint: origin, size and root, a line each. The origin is the signer's name, so that a log keeps its name
/// when the address of the service changes.
pub(super) fn sign(signer: &NoteSigner, head: &TreeHead) -> String {
    let origin = signer.name();
    signer.sign(&format!("{origin}\n{}\n{}\n", head.size, STANDARD.encode(head.root)))
}

/// Size and root of a checkpoint that `verifier` vouches for.
pub fn open_checkpoint(verifier: &NoteVerifier, note: &str) -> Result<TreeHead, NoteError> {
    parse_checkpoint(verifier.open(note)?)
}

/// Size and root of the text of a checkpoint, whoever wrote it. Further lines are extensions and are passed over.
pub fn parse_checkpoint(text: &str) -> Result<TreeHead, NoteError> {
    let mut lines = text.lines();
    let (Some(_origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
        return Err(NoteError::Malformed);
    };
    let canonical = size == "0" || (!size.starts_with('0') && size.bytes().all(|byte| byte.is_ascii_digit()));
    let size = size.parse().ok().filter(|_| canonical).ok_or(NoteError::Malformed)?;
    let root =
        STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(NoteError::Malformed)?;
    Ok(TreeHead { size, root })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_three_lines_and_comes_back_the_same() {
        let head = TreeHead { size: 20_852_163, root: [5; 32] };
        let signer = NoteSigner::from_seed("example.com/log", &[7; 32]).unwrap();
        let note = sign(&signer, &head);
        assert!(note.starts_with("example.com/log\n20852163\nBQUF"));
        assert_eq!(open_checkpoint(&signer.verifier(), &note), Ok(head));
        for text in ["", "o\n1\n", "o\n01\nBQUF\n", "o\n-1\nBQUF\n", "o\n1\nBQUF\n"] {
            assert_eq!(parse_checkpoint(text), Err(NoteError::Malformed), "{text:?}");
        }
    }
}
