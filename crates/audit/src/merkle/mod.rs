//! The Merkle tree of Certificate Transparency (RFC 9162 §2.1, the same as RFC 6962 §2.1): hashes, growing, proofs and
//! how they are checked. Pure functions over hashes; where the leaves come from is no business of this module.

mod frontier;
mod layout;
mod prove;
mod verify;

use sha2::{Digest as _, Sha256};

pub use crate::fingerprint::Hash;
pub use frontier::{Frontier, Grown};
pub use layout::{Node, STORED_STEP, Span};
pub use prove::{Sought, consistency, inclusion};
pub use verify::{verify_consistency, verify_inclusion};

/// The hash of a leaf: SHA-256 of 0x00 and its data, so that no leaf can pass for an inner node.
pub fn leaf_hash(data: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// The hash of an inner node: SHA-256 of 0x01 and its children's hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The root over these leaf hashes, as RFC 9162 §2.1.1 defines it. For few leaves; a tree that grows has a [`Frontier`].
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The definition, word for word (RFC 9162 §2.1.1).
    pub(crate) fn defined_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            leaves => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node_hash(&defined_root(left), &defined_root(right))
            }
        }
    }

    pub(crate) fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    fn hex(hash: &Hash) -> String {
        hash.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The vectors that implementations of Certificate Transparency share.
    #[test]
    fn roots_of_the_well_known_leaves() {
        let data: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let leaves = data.map(leaf_hash);
        for (size, root) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(hex(&root_of(&leaves[..size])), root, "{size} leaves");
            assert_eq!(root_of(&leaves[..size]), defined_root(&leaves[..size]));
        }
    }
}
