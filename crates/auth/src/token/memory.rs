//! Tokens that were verified before, known by their hash.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use ouvira_common::ports::VerifiedToken;
use sha2::{Digest as _, Sha256};

use super::Audience;

/// SHA-256 of a token and whom it was checked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn of(audience: Audience, token: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update([audience as u8]);
        hash.update(token);
        Self(hash.finalize().into())
    }
}

/// Shards, so that threads seldom meet at one lock.
const SHARDS: usize = 32;
/// Tokens in one generation of one shard; twice as many are remembered at most, which is 32,768 in all.
const GENERATION: usize = 512;

/// Bounded without bookkeeping: when the young generation is full, it becomes the old one, and the former old one is let
/// go. What is asked for moves back to the young.
#[derive(Default)]
struct Shard {
    young: HashMap<Fingerprint, VerifiedToken>,
    old: HashMap<Fingerprint, VerifiedToken>,
}

impl Shard {
    fn insert(&mut self, fingerprint: Fingerprint, token: VerifiedToken) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(fingerprint, token);
    }

    fn get(&mut self, fingerprint: &Fingerprint) -> Option<VerifiedToken> {
        if let Some(token) = self.young.get(fingerprint) {
            return Some(token.clone());
        }
        let token = self.old.remove(fingerprint)?;
        self.insert(*fingerprint, token.clone());
        Some(token)
    }
}

#[derive(Default)]
pub(super) struct Memory([Mutex<Shard>; SHARDS]);

impl Memory {
    fn shard(&self, fingerprint: &Fingerprint) -> &Mutex<Shard> {
        &self.0[usize::from(fingerprint.0[0]) % SHARDS]
    }

    /// What a token says that was verified before; it may have expired since.
    pub(super) fn recall(&self, fingerprint: &Fingerprint) -> Option<VerifiedToken> {
        self.shard(fingerprint).lock().unwrap_or_else(PoisonError::into_inner).get(fingerprint)
    }

    pub(super) fn remember(&self, fingerprint: Fingerprint, token: &VerifiedToken) {
        let mut shard = self.shard(&fingerprint).lock().unwrap_or_else(PoisonError::into_inner);
        shard.insert(fingerprint, token.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use ouvira_common::{
        db::SessionScope,
        id::{SessionId, TenantId},
        principal::Principal,
    };
    use uuid::Uuid;

    #[test]
    fn it_is_bounded_and_keeps_what_is_in_use() {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let token = VerifiedToken {
            tenant: TenantId(Uuid::nil()),
            principal: Principal::SYSTEM,
            session: SessionId(Uuid::nil()),
            scope: SessionScope::Full,
            amr: Vec::new(),
            authenticated_at: at,
            expires_at: at,
        };
        let memory = Memory::default();
        let favourite = Fingerprint::of(Audience::Tenant, "favourite");
        memory.remember(favourite, &token);
        for number in 0..4 * SHARDS * GENERATION {
            memory.remember(Fingerprint::of(Audience::Tenant, &number.to_string()), &token);
            assert!(memory.recall(&favourite).is_some());
        }
        assert!(memory.recall(&Fingerprint::of(Audience::Operator, "favourite")).is_none());
        let kept: usize =
            memory.0.iter().map(|shard| shard.lock().unwrap()).map(|s| s.young.len() + s.old.len()).sum();
        assert!(kept <= 2 * SHARDS * GENERATION, "{kept}");
    }
}
