//! Argon2id (RFC 9106).

use argon2::{
    Algorithm, Argon2, Block, Params, PasswordHash, Version,
    password_hash::phc::{Output, ParamsString, Salt},
};
use ouvira_common::{
    ports::CredentialError,
    problem::FieldErrors,
    secret::{Secret, equal},
};

use super::{
    policy::NewPassword,
    pool::{Memory, Pool},
};

/// How much a guess costs. The default is OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for HashCost {
    fn default() -> Self {
        Self { memory: 19 * 1024, passes: 2, lanes: 1 }
    }
}

/// Bytes of a hash.
const LENGTH: usize = 32;
/// Bytes of a salt (RFC 9106 §3.1).
const SALT: usize = 16;
/// How a password compares with what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the one.
    Right {
        /// It was hashed at another cost than the present one, and should be hashed again.
        outdated: bool,
    },
    /// It is not, or there is none.
    Wrong,
}

/// The node's way to hash. Cheap to clone; its threads end with its last clone.
#[derive(Clone)]
pub struct PasswordHasher {
    pool: Pool,
    cost: Params,
}

impl PasswordHasher {
    /// Starts `threads` threads that hash at `cost`.
    ///
    /// # Panics
    /// When the cost is none that Argon2 allows, or a thread cannot be started: a node without one is of no use.
    pub fn start(threads: usize, cost: HashCost) -> Self {
        let cost = Params::new(cost.memory, cost.passes, cost.lanes, Some(LENGTH))
            .expect("the cost is within RFC 9106");
        Self { pool: Pool::start(threads), cost }
    }

    /// Hashes `password` with `salt`; the answer is a PHC string.
    pub(crate) async fn hash(&self, password: &Secret, salt: [u8; SALT]) -> Result<Secret, CredentialError> {
        let hash = self.run(password, &salt, self.cost.clone()).await?;
        Ok(Secret::new(self.encode(&salt, &hash).to_string()))
    }

    /// The same for a new password, unless it is easy to guess: that is judged on the same thread, just before.
    pub(crate) async fn hash_new(
        &self,
        password: &NewPassword,
        salt: [u8; SALT],
    ) -> Result<Secret, CredentialError> {
        let (judged, cost) = (password.clone(), self.cost.clone());
        let hashed: Result<[u8; LENGTH], FieldErrors> = self
            .pool
            .run(move |memory| {
                judged.judge()?;
                Ok(argon2id(memory, judged.normalised(), &salt, cost))
            })
            .await?;
        Ok(Secret::new(self.encode(&salt, &hashed?).to_string()))
    }

    /// Compares `password` with the PHC string `kept`. Without one, the same work is done for nothing, so that an account
    /// that is not there takes as long as one that is.
    pub(crate) async fn verify(
        &self,
        password: &Secret,
        kept: Option<&str>,
    ) -> Result<Verdict, CredentialError> {
        let parsed = kept.and_then(|text| PasswordHash::new(text).ok()).and_then(|hash| Kept::read(&hash));
        let Some(kept) = parsed else {
            self.run(password, &[0; SALT], self.cost.clone()).await?;
            return Ok(Verdict::Wrong);
        };
        let outdated = kept.params != self.cost;
        let hash = self.run(password, &kept.salt, kept.params).await?;
        Ok(if equal(&hash, &kept.hash) { Verdict::Right { outdated } } else { Verdict::Wrong })
    }

    fn encode(&self, salt: &[u8], hash: &[u8]) -> PasswordHash {
        PasswordHash {
            algorithm: argon2::ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.cost).expect("parameters have a PHC form"),
            salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
            hash: Some(Output::new(hash).expect("32 bytes are an output")),
        }
    }

    async fn run(
        &self,
        password: &Secret,
        salt: &[u8],
        params: Params,
    ) -> Result<[u8; LENGTH], CredentialError> {
        let (password, salt) = (password.clone(), salt.to_vec());
        self.pool.run(move |memory| argon2id(memory, &password, &salt, params)).await
    }
}

/// What a PHC string of ours says.
struct Kept {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Kept {
    fn read(hash: &PasswordHash) -> Option<Self> {
        let ours = hash.algorithm == argon2::ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
        let params =
            Params::try_from(hash).ok().filter(|params| ours && params.output_len() == Some(LENGTH))?;
        let salt = hash.salt.filter(|salt| salt.len() >= argon2::MIN_SALT_LEN)?.to_vec();
        Some(Self { params, salt, hash: hash.hash?.as_bytes().to_vec() })
    }
}

fn argon2id(memory: &mut Memory, password: &Secret, salt: &[u8], params: Params) -> [u8; LENGTH] {
    let blocks = params.block_count();
    if memory.len() < blocks {
        memory.resize(blocks, Block::new());
    }
    let mut hash = [0; LENGTH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut hash, &mut memory[..])
        .expect("parameters, salt and lengths were accepted before");
    hash
}

#[cfg(test)]
mod tests {
    use super::{super::pool::QUEUE, *};

    const CHEAP: HashCost = HashCost { memory: 64, passes: 1, lanes: 1 };

    #[tokio::test]
    async fn what_was_hashed_verifies_and_nothing_else_does() {
        let hasher = PasswordHasher::start(2, HashCost::default());
        let kept = hasher.hash(&Secret::new("correct horse"), [7; SALT]).await.unwrap();
        assert!(kept.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", kept.expose());
        let verify = async |password: &str, kept: Option<&str>| {
            hasher.verify(&Secret::new(password), kept).await.unwrap()
        };
        assert_eq!(verify("correct horse", Some(kept.expose())).await, Verdict::Right { outdated: false });
        assert_eq!(verify("Correct horse", Some(kept.expose())).await, Verdict::Wrong);
        assert_eq!(verify("correct horse", None).await, Verdict::Wrong);
        assert_eq!(verify("correct horse", Some("not a hash")).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_verifies_and_is_told_to_be_outdated() {
        let kept =
            PasswordHasher::start(1, CHEAP).hash(&Secret::new("correct horse"), [7; SALT]).await.unwrap();
        let verdict = PasswordHasher::start(1, HashCost { memory: 128, ..CHEAP })
            .verify(&Secret::new("correct horse"), Some(kept.expose()))
            .await;
        assert_eq!(verdict.unwrap(), Verdict::Right { outdated: true });
    }

    #[tokio::test]
    async fn a_full_queue_answers_at_once() {
        let hasher = PasswordHasher::start(1, HashCost::default());
        let password = Secret::new("correct horse");
        let all = (0..QUEUE + 20).map(|_| {
            let (hasher, password) = (hasher.clone(), password.clone());
            tokio::spawn(async move { hasher.verify(&password, None).await })
        });
        let mut busy = 0;
        for one in all.collect::<Vec<_>>() {
            busy += usize::from(matches!(one.await.unwrap(), Err(CredentialError::Busy)));
        }
        assert!((1..=20).contains(&busy), "{busy}");
    }
}
