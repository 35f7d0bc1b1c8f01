//! A tree that grows: all it has to remember are the perfect subtrees along its right edge.

use super::{Hash, Node, empty_root, layout::folded, node_hash};

/// The right edge of a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Hashes of the perfect subtrees, the largest first; one for each bit that is set in the size.
    edge: Vec<Hash>,
}

/// A node that a new leaf completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grown {
    /// Which.
    pub node: Node,
    /// Its hash.
    pub hash: Hash,
}

impl Frontier {
    /// A frontier as it was remembered; `None` when the hashes are not as many as that size needs.
    pub fn new(size: u64, edge: Vec<Hash>) -> Option<Self> {
        (usize::try_from(size.count_ones()) == Ok(edge.len())).then_some(Self { size, edge })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What is to be remembered beside the size.
    pub fn edge(&self) -> &[Hash] {
        &self.edge
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        folded(self.edge.iter().copied()).unwrap_or_else(empty_root)
    }

    /// Appends a leaf and answers the nodes that it completed, itself first.
    pub fn push(&mut self, leaf: Hash) -> Vec<Grown> {
        let mut grown = Grown { node: Node { level: 0, index: self.size }, hash: leaf };
        let mut completed = vec![grown];
        // One for each carry of adding one to the size.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.edge.pop() else { break };
            let node = Node { level: grown.node.level + 1, index: grown.node.index >> 1 };
            grown = Grown { node, hash: node_hash(&left, &grown.hash) };
            completed.push(grown);
        }
        self.edge.push(grown.hash);
        self.size += 1;
        completed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::tests::{defined_root, leaves};

    #[test]
    fn it_has_the_defined_root_at_every_size_and_completes_every_node_once() {
        let all = leaves(300);
        let mut frontier = Frontier::default();
        let mut nodes = std::collections::BTreeMap::new();
        for (size, leaf) in all.iter().enumerate() {
            assert_eq!(frontier.root(), defined_root(&all[..size]));
            let remembered = Frontier::new(frontier.size(), frontier.edge().to_vec());
            assert_eq!(remembered.as_ref(), Some(&frontier));
            for Grown { node, hash } in frontier.push(*leaf) {
                assert!(nodes.insert(node, hash).is_none());
            }
        }
        for (node, hash) in nodes {
            let from = usize::try_from(node.index << node.level).unwrap();
            assert_eq!(hash, defined_root(&all[from..from + (1 << node.level)]));
        }
        assert_eq!(Frontier::new(3, leaves(1)), None);
    }
}
