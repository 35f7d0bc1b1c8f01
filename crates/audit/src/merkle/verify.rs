//! Checking proofs, with nothing but the proof and the roots at hand.

use super::{Hash, node_hash};

/// Whether `proof` shows that the leaf with that hash is number `index` of the tree of `size` leaves with that root
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(beside, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `old` leaves with root `old_root` is the beginning of the one of `size` leaves
/// with root `root` (RFC 9162 §2.1.4.2).
pub fn verify_consistency(old: u64, size: u64, old_root: &Hash, root: &Hash, proof: &[Hash]) -> bool {
    if old == 0 || old > size {
        return false;
    }
    if old == size {
        return proof.is_empty() && old_root == root;
    }
    // A perfect old tree stands in the new one as it is, and is left out of the proof.
    let (first, rest) = if old.is_power_of_two() {
        (old_root, proof)
    } else {
        let Some((first, rest)) = proof.split_first() else { return false };
        (first, rest)
    };
    let (mut place, mut last) = (old - 1, size - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut hash) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old_hash = node_hash(beside, &old_hash);
            hash = node_hash(beside, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && hash == *root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{
        consistency, inclusion,
        prove::tests::kept,
        root_of,
        tests::{defined_root, leaves},
    };
    use proptest::prelude::*;

    #[test]
    fn every_proof_of_every_small_tree_holds() {
        let all = leaves(40);
        for size in 1..=40_u64 {
            let tree = &all[..usize::try_from(size).unwrap()];
            let (hashes, root) = (kept(tree), defined_root(tree));
            for index in 0..size {
                let proof = inclusion(index, size).unwrap().found(&hashes).unwrap();
                let leaf = &all[usize::try_from(index).unwrap()];
                assert!(verify_inclusion(leaf, index, size, &proof, &root));
                let old = index + 1;
                let proof = consistency(old, size).unwrap().found(&hashes).unwrap();
                let old_root = defined_root(&all[..usize::try_from(old).unwrap()]);
                assert!(verify_consistency(old, size, &old_root, &root, &proof), "{old} of {size}");
            }
        }
    }

    fn flipped(hash: &Hash, bit: u8) -> Hash {
        let mut hash = *hash;
        hash[usize::from(bit / 8) % 32] ^= 1 << (bit % 8);
        hash
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn large_trees_too_and_nothing_can_be_changed(
            size in 1_u64..2000, at in any::<prop::sample::Index>(), part in any::<prop::sample::Index>(), bit: u8,
        ) {
            let all = leaves(size);
            let (hashes, root) = (kept(&all), root_of(&all));
            let index = at.index(all.len());
            let (place, leaf) = (u64::try_from(index).unwrap(), all[index]);
            let proof = inclusion(place, size).unwrap().found(&hashes).unwrap();
            prop_assert!(verify_inclusion(&leaf, place, size, &proof, &root));
            prop_assert!(!verify_inclusion(&flipped(&leaf, bit), place, size, &proof, &root));
            prop_assert!(!verify_inclusion(&leaf, place, size, &proof, &flipped(&root, bit)));
            if place > 0 {
                prop_assert!(!verify_inclusion(&leaf, place - 1, size, &proof, &root));
            }
            prop_assert!(!verify_inclusion(&leaf, size, size, &proof, &root));
            if !proof.is_empty() {
                let mut changed = proof.clone();
                let part = part.index(proof.len());
                changed[part] = flipped(&changed[part], bit);
                prop_assert!(!verify_inclusion(&leaf, place, size, &changed, &root));
                prop_assert!(!verify_inclusion(&leaf, place, size, &proof[1..], &root));
            }
            prop_assert!(!verify_inclusion(&leaf, place, size, &[&proof[..], &[root]].concat(), &root));

            let old = place + 1;
            let old_root = root_of(&all[..=index]);
            let proof = consistency(old, size).unwrap().found(&hashes).unwrap();
            prop_assert!(verify_consistency(old, size, &old_root, &root, &proof));
            prop_assert!(!verify_consistency(old, size, &flipped(&old_root, bit), &root, &proof));
            prop_assert!(!verify_consistency(old, size, &old_root, &flipped(&root, bit), &proof));
            if !proof.is_empty() {
                let mut changed = proof.clone();
                let part = part.index(proof.len());
                changed[part] = flipped(&changed[part], bit);
                prop_assert!(!verify_consistency(old, size, &old_root, &root, &changed));
            }
        }

        #[test]
        fn checking_anything_never_panics(index: u64, size: u64, hashes in prop::collection::vec(any::<Hash>(), 0..70)) {
            let zero = [0; 32];
            verify_inclusion(&zero, index, size, &hashes, &zero);
            verify_consistency(index, size, &zero, &zero, &hashes);
        }
    }
}
