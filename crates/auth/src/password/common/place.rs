//! Where a password stands in the filter: a binary fuse filter (Graf and Lemire, 2022) with fingerprints of 16 bits. Three
//! places, one in each of three neighbouring segments, hold numbers whose XOR is the fingerprint.

use sha2::{Digest as _, Sha256};

/// Places in a segment; what the authors advise for some hundred thousand entries.
pub(crate) const SEGMENT: usize = 4096;

/// What a password is known by: 64 bits choose its places, 16 others are its fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Trace {
    places: u64,
    pub(crate) fingerprint: u16,
}

impl Trace {
    /// Of `password`, in whatever case its letters are.
    pub(crate) fn of(password: &str) -> Self {
        let hash = Sha256::digest(password.to_lowercase());
        let [places, rest] = [0, 8].map(|from| {
            u64::from_le_bytes(hash[from..from + 8].try_into().expect("eight bytes are eight bytes"))
        });
        Self { places, fingerprint: u16::from_le_bytes([rest.to_le_bytes()[0], rest.to_le_bytes()[1]]) }
    }

    /// Its three places in a filter of `length` places.
    pub(crate) fn places(self, length: usize) -> [usize; 3] {
        let starts = u64::try_from(length - 2 * SEGMENT).expect("a filter is no larger than memory");
        let first = usize::try_from((u128::from(self.places) * u128::from(starts)) >> 64)
            .expect("below the filter's length");
        let within = |bits: u64| usize::try_from(bits).unwrap_or(0) & (SEGMENT - 1);
        let mask = u64::try_from(SEGMENT - 1).expect("a segment is small");
        [
            first,
            (first + SEGMENT) ^ within((self.places >> 18) & mask),
            (first + 2 * SEGMENT) ^ within(self.places & mask),
        ]
    }
}
