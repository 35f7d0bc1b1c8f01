//! Signed notes (C2SP signed-note) with Ed25519 signatures: a text and who vouches for it, in one file for people and
//! programs.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// The algorithm byte of Ed25519 in key ids and verifier keys.
const ED25519_ALGORITHM: u8 = 1;

/// A note or a key that is not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is not a signed note, or not a verifier key.
    #[error("this is not a well formed signed note or key")]
    Malformed,
    /// It has no signature of the key asked for.
    #[error("it is not signed by this key")]
    Unsigned,
    /// The signature of the key asked for does not fit the text.
    #[error("its signature does not fit")]
    Forged,
}

/// Signs notes.
pub struct NoteSigner {
    name: String,
    pair: Ed25519KeyPair,
}

/// Checks notes of one signer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteVerifier {
    name: String,
    public: [u8; 32],
}

impl NoteSigner {
    /// A signer of that name with the key of that seed (RFC 8032 §5.1.5).
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, NoteError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Malformed)?;
        if !is_name(name) {
            return Err(NoteError::Malformed);
        }
        Ok(Self { name: name.to_owned(), pair })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Who checks its notes.
    pub fn verifier(&self) -> NoteVerifier {
        let public = self.pair.public_key().as_ref().try_into().expect("an Ed25519 key has 32 bytes");
        NoteVerifier { name: self.name.clone(), public }
    }

    /// `text`, which ends with a newline, with a signature.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier().id().to_vec();
        signature.extend_from_slice(self.pair.sign(text.as_bytes()).as_ref());
        format!("{text}\n— {} {}\n", self.name, STANDARD.encode(signature))
    }
}

impl NoteVerifier {
    /// Parses `<name>+<key id>+<key>`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(NoteError::Malformed);
        };
        let key = STANDARD.decode(key).map_err(|_| NoteError::Malformed)?;
        let Some((&ED25519_ALGORITHM, public)) = key.split_first() else { return Err(NoteError::Malformed) };
        let public = public.try_into().map_err(|_| NoteError::Malformed)?;
        let verifier = Self { name: name.to_owned(), public };
        if is_name(name) && verifier.hex_id() == id { Ok(verifier) } else { Err(NoteError::Malformed) }
    }

    /// The text of a note that this signer signed.
    pub fn open<'note>(&self, note: &'note str) -> Result<&'note str, NoteError> {
        let end = note.rfind("\n\n").ok_or(NoteError::Malformed)?;
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        if signatures.is_empty() || !signatures.ends_with('\n') {
            return Err(NoteError::Malformed);
        }
        for line in signatures.lines() {
            let (name, signature) =
                line.strip_prefix("— ").and_then(|line| line.split_once(' ')).ok_or(NoteError::Malformed)?;
            let signature = STANDARD.decode(signature).map_err(|_| NoteError::Malformed)?;
            let Some((id, signature)) = signature.split_at_checked(4) else {
                return Err(NoteError::Malformed);
            };
            if name == self.name && id == self.id() {
                let key = UnparsedPublicKey::new(&ED25519, self.public);
                return key.verify(text.as_bytes(), signature).map(|()| text).map_err(|_| NoteError::Forged);
            }
        }
        Err(NoteError::Unsigned)
    }

    /// The first four bytes of SHA-256 of name, newline, algorithm and key.
    fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519_ALGORITHM])
            .chain_update(self.public)
            .finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn hex_id(&self) -> String {
        let [a, b, c, d] = self.id();
        format!("{a:02x}{b:02x}{c:02x}{d:02x}")
    }
}

impl std::fmt::Display for NoteVerifier {
    /// `<name>+<key id>+<key>`: what the tools of transparency logs take.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut key = vec![ED25519_ALGORITHM];
        key.extend_from_slice(&self.public);
        write!(f, "{}+{}+{}", self.name, self.hex_id(), STANDARD.encode(key))
    }
}

/// Not empty, no white space, no plus sign.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signer() -> NoteSigner {
        NoteSigner::from_seed("example.com/log", &[7; 32]).unwrap()
    }

    #[test]
    fn what_was_signed_opens_with_the_printed_key_and_with_no_other() {
        let note = signer().sign("example.com/log\n3\nroot\n");
        let verifier = NoteVerifier::parse(&signer().verifier().to_string()).unwrap();
        assert_eq!(verifier.open(&note), Ok("example.com/log\n3\nroot\n"));
        let other = NoteSigner::from_seed("example.com/log", &[8; 32]).unwrap().verifier();
        assert_eq!(other.open(&note), Err(NoteError::Unsigned));
        assert_eq!(verifier.open(&note.replace("\n3\n", "\n4\n")), Err(NoteError::Forged));
    }

    /// The key and the note by which implementations of the format are compared.
    #[test]
    fn a_note_of_another_implementation_opens() {
        let verifier =
            NoteVerifier::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
                .unwrap();
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        assert!(verifier.open(note).is_ok());
    }

    proptest! {
        #[test]
        fn opening_anything_never_panics(text: String) {
            prop_assert!(signer().verifier().open(&text).is_err());
            prop_assert!(NoteVerifier::parse(&text).is_err());
        }
    }
}
