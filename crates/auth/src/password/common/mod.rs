//! Passwords that many people have: 300,000 of them in a filter of 0.7 MB. One that is not among them is taken for one of
//! them once in 65,536 times; `NOTICE.md` says where they come from.

mod place;

use place::Trace;

static FILTER: &[u8] = include_bytes!("filter.bin");

/// Whether `password`, normalised, is a common one, in any case of its letters.
pub(super) fn is_common(password: &str) -> bool {
    let (places, _) = FILTER.as_chunks::<2>();
    let trace = Trace::of(password);
    let found = trace.places(places.len()).map(|place| u16::from_le_bytes(places[place]));
    found[0] ^ found[1] ^ found[2] == trace.fingerprint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v6_2_4_v6_2_12_breached_passwords_are_in_it_the_rarer_ones_too() {
        // Number 1, 2, 50,000, 100,000, 200,000 and 300,000 of those with eight characters and more.
        for common in ["password", "12345678", "trek5500", "smokey24", "maxno1998", "19920910"] {
            assert!(is_common(common) && is_common(&common.to_uppercase()), "{common}");
        }
        // A filter of this sort has 1.13 to 1.15 places for an entry.
        assert!(FILTER.len().is_multiple_of(2) && FILTER.len() / 2 > 115_000, "{}", FILTER.len());
    }

    #[test]
    fn it_seldom_takes_a_password_for_a_common_one() {
        let wrong = (0..300_000).filter(|number| is_common(&format!("not in any list {number}"))).count();
        assert!(wrong < 20, "{wrong} of 300,000");
    }
}
