//! Making proofs. A proof is a list of hashes of spans; this says which spans, so that whoever keeps the hashes can look
//! up all of them at once, and puts the proof together from what was found.

use std::collections::{BTreeSet, HashMap};

use super::{
    Hash, Node,
    layout::{Span, folded},
};

/// A proof that waits for the hashes it is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought(Vec<Span>);

/// What shows that leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1); `None` when it is not among them.
pub fn inclusion(index: u64, size: u64) -> Option<Sought> {
    if index >= size {
        return None;
    }
    let mut spans = Vec::new();
    let mut whole = Span { start: 0, end: size };
    while whole.len() > 1 {
        let (left, right) = whole.halves();
        let (within, beside) = if index < left.end { (left, right) } else { (right, left) };
        spans.push(beside);
        whole = within;
    }
    spans.reverse();
    Some(Sought(spans))
}

/// What shows that the tree of `old` leaves is the beginning of the one of `size` (RFC 9162 §2.1.4.1); `None` when it is
/// larger, or has no leaves.
pub fn consistency(old: u64, size: u64) -> Option<Sought> {
    if old == 0 || old > size {
        return None;
    }
    let mut spans = Vec::new();
    let mut whole = Span { start: 0, end: size };
    // Whether the subtree looked at is the old tree itself, whose root the verifier has.
    let mut is_old_tree = true;
    while whole.end > old {
        let (left, right) = whole.halves();
        if old <= left.end {
            spans.push(right);
            whole = left;
        } else {
            spans.push(left);
            whole = right;
            is_old_tree = false;
        }
    }
    if !is_old_tree {
        spans.push(whole);
    }
    spans.reverse();
    Some(Sought(spans))
}

impl Sought {
    /// What shows the root of the tree of `size` leaves itself: its one span.
    pub fn root(size: u64) -> Self {
        Self(vec![Span { start: 0, end: size }])
    }

    /// The kept nodes that are needed.
    pub fn stored(&self) -> BTreeSet<Node> {
        self.0.iter().flat_map(|span| span.nodes()).flat_map(Node::stored_below).collect()
    }

    /// The proof, from the hashes of the nodes of [`Sought::stored`]; `None` when one is missing.
    pub fn found(&self, hashes: &HashMap<Node, Hash>) -> Option<Vec<Hash>> {
        self.0.iter().map(|span| span_hash(*span, hashes)).collect()
    }
}

fn span_hash(span: Span, hashes: &HashMap<Node, Hash>) -> Option<Hash> {
    let nodes: Option<Vec<Hash>> = span.nodes().into_iter().map(|node| made(node, hashes)).collect();
    folded(nodes?.into_iter())
}

/// The hash of a node, from those that are kept.
fn made(node: Node, hashes: &HashMap<Node, Hash>) -> Option<Hash> {
    if node.is_stored() {
        return hashes.get(&node).copied();
    }
    let child = |index| made(Node { level: node.level - 1, index }, hashes);
    Some(super::node_hash(&child(node.index << 1)?, &child((node.index << 1) + 1)?))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::merkle::{Frontier, tests::leaves};

    /// The kept nodes of a tree.
    pub(crate) fn kept(leaves: &[Hash]) -> HashMap<Node, Hash> {
        let mut frontier = Frontier::default();
        let grown = leaves.iter().flat_map(|leaf| frontier.push(*leaf));
        grown.filter(|grown| grown.node.is_stored()).map(|grown| (grown.node, grown.hash)).collect()
    }

    #[test]
    fn a_proof_needs_few_hashes_however_large_the_tree() {
        for sought in [inclusion(7_654_321, 10_000_000), consistency(7_654_321, 10_000_000)] {
            let sought = sought.unwrap();
            assert!(sought.0.len() <= 25 && sought.stored().len() <= 1000, "{}", sought.stored().len());
        }
    }

    #[test]
    fn there_is_no_proof_of_what_is_not_there() {
        assert_eq!((inclusion(0, 0), inclusion(5, 5)), (None, None));
        assert_eq!((consistency(0, 5), consistency(6, 5)), (None, None));
        let sought = inclusion(3, 7).unwrap();
        let mut hashes = kept(&leaves(7));
        hashes.remove(&Node { level: 0, index: 6 });
        assert_eq!(sought.found(&hashes), None, "a hash is missing");
    }
}
