//! Passwords that many people have: 300,000 of them, as the first four bytes of their SHA-256, in order. One that is not
//! among them is taken for one of them once in about 14,000 times; `NOTICE.md` says where they come from.

use sha2::{Digest as _, Sha256};

static FILTER: &[u8] = include_bytes!("filter.bin");

/// Bytes of one entry.
const ENTRY: usize = 4;

/// Whether `password`, normalised, is a common one, in any case of its letters.
pub(super) fn is_common(password: &str) -> bool {
    let hash = Sha256::digest(password.to_lowercase());
    let (entries, _) = FILTER.as_chunks::<ENTRY>();
    entries.binary_search_by(|entry| entry.as_slice().cmp(&hash[..ENTRY])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v6_2_12_the_filter_is_whole_and_in_order() {
        let (entries, rest) = FILTER.as_chunks::<ENTRY>();
        assert!(rest.is_empty() && entries.len() >= 100_000, "{}", entries.len());
        assert!(entries.is_sorted());
    }

    #[test]
    fn it_seldom_takes_a_password_for_a_common_one() {
        let wrong = (0..100_000).filter(|number| is_common(&format!("not in any list {number}"))).count();
        assert!(wrong < 30, "{wrong} of 100,000");
    }
}
