//! Makes the filter of common passwords from a list of them, the most common first.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, Write as _},
};

use unicode_normalization::UnicodeNormalization as _;

#[path = "../src/password/common/place.rs"]
mod place;

use place::{SEGMENT, Trace};

/// Shorter ones are refused for their length.
const SHORTEST: usize = 8;
const ENTRIES: usize = 300_000;

fn main() -> io::Result<()> {
    let mut traces = BTreeSet::new();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        // Some lines of such lists are in no known encoding.
        let Ok(password) = str::from_utf8(&line) else { continue };
        let password = password.trim_end_matches('\r').nfc().collect::<String>();
        if password.chars().count() >= SHORTEST && traces.len() < ENTRIES {
            traces.insert(Trace::of(&password));
        }
    }
    let traces: Vec<Trace> = traces.into_iter().collect();
    let filter = build(&traces).ok_or_else(|| io::Error::other("these do not fit; leave one out"))?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for place in filter {
        out.write_all(&place.to_le_bytes())?;
    }
    out.flush()
}

/// The filter of `traces`: whoever is alone at a place is taken out and noted, until none is left; then, the other way round,
/// each one's own place gets what makes the three agree with its fingerprint. `None` when some never are alone.
fn build(traces: &[Trace]) -> Option<Vec<u16>> {
    // 1.15 places for each, in whole segments.
    let length = (traces.len() * 115 / 100).div_ceil(SEGMENT).max(3) * SEGMENT;
    let mut guests = vec![(0_u32, 0_usize); length];
    for (index, trace) in traces.iter().enumerate() {
        for place in trace.places(length) {
            guests[place] = (guests[place].0 + 1, guests[place].1 ^ index);
        }
    }
    let mut alone: Vec<usize> = (0..length).filter(|&place| guests[place].0 == 1).collect();
    let mut order = Vec::with_capacity(traces.len());
    while let Some(place) = alone.pop() {
        let (1, index) = guests[place] else { continue };
        order.push((index, place));
        for other in traces[index].places(length) {
            guests[other] = (guests[other].0 - 1, guests[other].1 ^ index);
            if guests[other].0 == 1 {
                alone.push(other);
            }
        }
    }
    if order.len() < traces.len() {
        return None;
    }
    let mut filter = vec![0_u16; length];
    for (index, place) in order.into_iter().rev() {
        let trace = traces[index];
        let others = trace.places(length).map(|other| filter[other]);
        filter[place] = trace.fingerprint ^ others[0] ^ others[1] ^ others[2];
    }
    Some(filter)
}
