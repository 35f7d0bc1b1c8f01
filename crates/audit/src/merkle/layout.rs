//! Where hashes stand in a tree, and which of them are kept.

use super::Hash;

/// Every eighth level is kept: the leaves, then one node for 256 leaves, one for 65,536. What lies between is made again
/// from at most 128 of those below.
pub const STORED_STEP: u8 = 8;

/// A perfect subtree: that of the leaves from `index << level` on, `1 << level` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// Zero for leaves.
    pub level: u8,
    /// Its place among those of its level.
    pub index: u64,
}

impl Node {
    /// Whether it is kept once it is complete.
    pub const fn is_stored(self) -> bool {
        self.level.is_multiple_of(STORED_STEP)
    }

    /// The kept nodes that it is made from: itself when it is kept.
    pub fn stored_below(self) -> impl Iterator<Item = Self> {
        let up = self.level % STORED_STEP;
        let level = self.level - up;
        ((self.index << up)..((self.index + 1) << up)).map(move |index| Self { level, index })
    }
}

/// Leaves from `start` up to but without `end`, standing together as a subtree does: `start` is a multiple of the
/// smallest power of two that is not less than their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first leaf.
    pub start: u64,
    /// The one after the last.
    pub end: u64,
}

impl Span {
    /// The perfect subtrees that it consists of, the largest first.
    pub fn nodes(self) -> Vec<Node> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = (self.end - start).ilog2();
            nodes.push(Node { level: u8::try_from(level).unwrap_or(u8::MAX), index: start >> level });
            start += 1 << level;
        }
        nodes
    }

    /// How many leaves.
    pub const fn len(self) -> u64 {
        self.end - self.start
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The two parts that a tree over it has: the left one is the largest perfect tree smaller than the whole.
    pub(super) fn halves(self) -> (Self, Self) {
        let middle = self.start + (self.len().next_power_of_two() / 2);
        (Self { end: middle, ..self }, Self { start: middle, ..self })
    }
}

/// The hash over nodes of a span, from their hashes.
pub(super) fn folded(hashes: impl DoubleEndedIterator<Item = Hash>) -> Option<Hash> {
    hashes.rev().reduce(|right, left| super::node_hash(&left, &right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_falls_into_perfect_subtrees() {
        let nodes = Span { start: 8, end: 15 }.nodes();
        assert_eq!(
            nodes,
            [Node { level: 2, index: 2 }, Node { level: 1, index: 6 }, Node { level: 0, index: 14 }]
        );
        assert_eq!(
            Span { start: 0, end: 5 }.halves(),
            (Span { start: 0, end: 4 }, Span { start: 4, end: 5 })
        );
        assert_eq!(
            Span { start: 0, end: 4 }.halves(),
            (Span { start: 0, end: 2 }, Span { start: 2, end: 4 })
        );
    }

    #[test]
    fn a_node_between_is_made_from_those_that_are_kept() {
        let kept: Vec<_> = Node { level: 10, index: 3 }.stored_below().collect();
        assert_eq!(kept.len(), 4);
        assert_eq!((kept[0], kept[3]), (Node { level: 8, index: 12 }, Node { level: 8, index: 15 }));
        let itself = Node { level: 8, index: 7 };
        assert_eq!(itself.stored_below().collect::<Vec<_>>(), [itself]);
    }
}
