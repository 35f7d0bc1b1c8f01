//! Makes the filter of common passwords from a list of them, the most common first.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, Write as _},
};

use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

/// Shorter ones are refused for their length.
const SHORTEST: usize = 8;
const ENTRIES: usize = 300_000;

fn main() -> io::Result<()> {
    let mut entries = BTreeSet::new();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        // Some lines of such lists are in no known encoding.
        let Ok(password) = str::from_utf8(&line) else { continue };
        let password = password.trim_end_matches('\r').nfc().collect::<String>().to_lowercase();
        if password.chars().count() >= SHORTEST && entries.len() < ENTRIES {
            let hash = Sha256::digest(&password);
            entries.insert([hash[0], hash[1], hash[2], hash[3]]);
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for entry in entries {
        out.write_all(&entry)?;
    }
    out.flush()
}
