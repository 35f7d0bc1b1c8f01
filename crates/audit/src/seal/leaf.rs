//! What a leaf is made of.

use uuid::Uuid;

use crate::{
    merkle::{Hash, leaf_hash},
    model::Retention,
};

/// Which of the two logs a row is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// What was done.
    Activity,
    /// What concerned the security of accounts.
    Security,
}

impl Log {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Activity, Self::Security];

    /// The name in tables and documents.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Activity => "activity",
            Self::Security => "security",
        }
    }

    const fn code(self) -> u8 {
        match self {
            Self::Activity => 1,
            Self::Security => 2,
        }
    }
}

/// A sealed row. It says enough to judge the row's absence too: what was kept for how long can be gone after that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the tree.
    pub position: u64,
    /// The row's log.
    pub log: Log,
    /// The row; its time is in its id.
    pub row: Uuid,
    /// How long the row is kept.
    pub retention: Retention,
    /// Hash of the public fields.
    pub public_hash: Hash,
    /// Hash of salt and personal fields.
    pub personal_hash: Hash,
}

impl Leaf {
    /// The data under the leaf's hash, 92 bytes: version 1, position, log, row, days of retention, public hash, personal
    /// hash; numbers big-endian.
    pub fn data(&self) -> Vec<u8> {
        let mut data = Vec::with_capacity(92);
        data.push(1);
        data.extend_from_slice(&self.position.to_be_bytes());
        data.push(self.log.code());
        data.extend_from_slice(self.row.as_bytes());
        data.extend_from_slice(&self.retention.days().to_be_bytes());
        data.extend_from_slice(&self.public_hash);
        data.extend_from_slice(&self.personal_hash);
        data
    }

    /// The leaf's hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.data())
    }
}

/// A tree at one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeHead {
    /// How many leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form is for ever: trees of years ago are checked against it.
    #[test]
    fn the_data_of_a_leaf() {
        let leaf = Leaf {
            position: 258,
            log: Log::Security,
            row: Uuid::from_u128(7),
            retention: Retention::OneYear,
            public_hash: [0xaa; 32],
            personal_hash: [0xbb; 32],
        };
        let data = leaf.data();
        assert_eq!(data[..10], [1, 0, 0, 0, 0, 0, 0, 1, 2, 2]);
        assert_eq!(data[10..28], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 1, 109]);
        assert_eq!((data[28], data[60], data.len()), (0xaa, 0xbb, 92));
    }
}
