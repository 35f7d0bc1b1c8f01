//! People who run the platform: how others than auth meet them, and what auth needs of the catalog that they live in.

use async_trait::async_trait;
use chrono::Duration;
use uuid::Uuid;

use super::{HashedPassword, TokenError};
use crate::{
    db::{DbError, SessionScope},
    id::{GrantId, OperatorId, SessionId, TenantId},
    platform::PlatformContext,
    problem::{Code, Failure, FieldError, FieldErrors},
    sealing::{DataKey, Unsealable},
    text::Email,
    time::Timestamp,
};

/// What a valid access token of an operator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedOperator {
    /// `sub`.
    pub operator: OperatorId,
    /// `sid`: their own session, in the catalog.
    pub session: SessionId,
    /// What the session opens.
    pub scope: SessionScope,
    /// `amr`.
    pub amr: Vec<String>,
    /// `auth_time`.
    pub authenticated_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
}

/// Tells which operator an access token belongs to. Implemented by auth.
#[async_trait]
pub trait OperatorVerifier: Send + Sync {
    /// Checks a token whose audience is the operators', and in the catalog, on every call, that its session lives and its
    /// operator is active. `None` for a token that is meant for tenants' routes, of which nothing was checked.
    async fn verify_operator(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<VerifiedOperator>, TokenError>;
}

/// The catalog did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The catalog's data key, or what it sealed, does not open.
    #[error("the catalog's data key does not unwrap: is a key missing from ENCRYPTION_KEYS?")]
    Key(#[from] Unsealable),
}

impl From<diesel::result::Error> for CatalogError {
    fn from(error: diesel::result::Error) -> Self {
        DbError::from(error).into()
    }
}

impl Failure for CatalogError {
    fn code(&self) -> Code {
        match self {
            Self::Db(error) => error.code(),
            Self::Key(_) => Code::InternalError,
        }
    }
}

/// A keyed hash of what is counted.
pub type CountedSubject = [u8; 32];

/// Whom a login looks for, and the counters that may delay it.
#[derive(Debug, Clone)]
pub struct OperatorLookup {
    /// The address; `None` for what is none, which is looked for all the same.
    pub email: Option<Email>,
    /// A keyed hash of network and program.
    pub device: CountedSubject,
    /// Failures from the device.
    pub own: CountedSubject,
    /// Failures from elsewhere.
    pub foreign: Vec<CountedSubject>,
}

/// An active operator, with what signing in needs.
#[derive(Debug, Clone)]
pub struct OperatorAccount {
    /// Id.
    pub id: OperatorId,
    /// What they sign in with.
    pub email: String,
    /// PHC string.
    pub password: HashedPassword,
    /// Of their row: another one when the password was changed, or they were switched off.
    pub version: i64,
    /// Whether a second factor is on.
    pub second_factor: bool,
}

/// What a login has to know, whether or not there is such an operator.
#[derive(Debug, Clone)]
pub struct OperatorFacts {
    /// The operator; `None` for nobody, or nobody active.
    pub account: Option<OperatorAccount>,
    /// Whether they signed in from the device before.
    pub known_device: bool,
    /// Until when failures from the device itself forbid another try.
    pub own_delay: Option<Timestamp>,
    /// Until when failures from elsewhere do.
    pub foreign_delay: Option<Timestamp>,
}

/// One failure more for a subject, and how it slows the next ones down.
#[derive(Debug, Clone, Copy)]
pub struct CountedFailure {
    /// For whom.
    pub subject: CountedSubject,
    /// Failures before the first delay.
    pub free: i32,
    /// The longest delay, seconds; each is twice the one before.
    pub longest: i32,
}

/// What guesses are counted at, for one operator over all their logins and sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guessed {
    /// Codes of the second factor.
    SecondFactor,
    /// Passwords shown by somebody who is signed in.
    Password,
}

/// How often something was guessed in the present window.
#[derive(Debug, Clone, Copy)]
pub struct GuessCount {
    /// This time included.
    pub count: i32,
    /// When the window ends.
    pub resets_at: Timestamp,
}

/// Operators as they are before they are signed in. Implemented by tenancy.
#[async_trait]
pub trait OperatorAccounts: Send + Sync {
    /// The catalog's own data key.
    async fn key(&self) -> Result<DataKey, CatalogError>;

    /// What a login looks at, in one statement, whether or not there is such an operator.
    async fn look_up(&self, lookup: &OperatorLookup, now: Timestamp) -> Result<OperatorFacts, CatalogError>;

    /// The account of somebody signed in; `None` when they are no longer active.
    async fn account(&self, id: OperatorId) -> Result<Option<OperatorAccount>, CatalogError>;

    /// Logs a login that failed; `failures` are counted.
    async fn note_failure(
        &self,
        ctx: &PlatformContext,
        operator: Option<OperatorId>,
        failures: &[CountedFailure],
    ) -> Result<(), CatalogError>;
}

/// The right password was shown.
#[derive(Debug, Clone)]
pub struct PasswordProof {
    /// Of the account that it was compared with: good only while that is still the one.
    pub version: i64,
    /// The password hashed anew, after the cost was raised.
    pub rehashed: Option<HashedPassword>,
    /// Failures that forget themselves with this success.
    pub forgotten: CountedSubject,
    /// Counters whose delays, should any have come while it was compared, make it void.
    pub delaying: Vec<CountedSubject>,
}

/// Why a session may begin.
#[derive(Debug, Clone)]
pub enum OperatorProof {
    /// The password was right, and there is no second factor.
    Password(PasswordProof),
    /// The second factor of that login was right.
    Login(Uuid),
}

/// A session about to begin.
#[derive(Debug, Clone)]
pub struct NewOperatorSession {
    /// Id; the `sid` of its tokens.
    pub id: SessionId,
    /// Whose.
    pub operator: OperatorId,
    /// What it opens.
    pub scope: SessionScope,
    /// Authentication methods (RFC 8176), separated by spaces.
    pub amr: String,
    /// From which its refresh tokens are made.
    pub secret_sealed: Vec<u8>,
    /// A keyed hash of network and program.
    pub device: CountedSubject,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// When it ends whatever happens.
    pub absolute_expires_at: Timestamp,
}

/// A session as the catalog has it.
#[derive(Debug, Clone)]
pub struct OperatorSession {
    /// Whose.
    pub operator: OperatorId,
    /// Whether they may sign in.
    pub active: bool,
    /// What it opens.
    pub scope: SessionScope,
    /// Authentication methods.
    pub amr: Vec<String>,
    /// When its operator last proved who they are.
    pub auth_time: Timestamp,
    /// From which its refresh tokens are made.
    pub secret_sealed: Vec<u8>,
    /// The number of the present refresh token.
    pub n: i64,
    /// When it became the present one.
    pub rotated_at: Timestamp,
    /// When it ends unless it is refreshed.
    pub expires_at: Timestamp,
    /// Whether it was ended.
    pub ended: bool,
}

impl OperatorSession {
    /// Whether its tokens are accepted at `now`.
    pub fn lives(&self, now: Timestamp) -> bool {
        self.active && !self.ended && self.expires_at > now
    }
}

/// Operators' own sessions. Implemented by tenancy.
#[async_trait]
pub trait OperatorSessions: Send + Sync {
    /// Begins a session and uses `proof` up; `false` when that is no longer good.
    async fn open(
        &self,
        ctx: &PlatformContext,
        new: &NewOperatorSession,
        proof: &OperatorProof,
    ) -> Result<bool, CatalogError>;

    /// The session, alive or not.
    async fn find(&self, id: SessionId) -> Result<Option<OperatorSession>, CatalogError>;

    /// Goes on from refresh token `n` to the next, if `n` is the present one of a session that lives; it then rests for
    /// `idle` at most.
    async fn rotate(
        &self,
        ctx: &PlatformContext,
        id: SessionId,
        n: i64,
        idle: Duration,
    ) -> Result<Option<OperatorSession>, CatalogError>;

    /// Ends a session, and with it the leave that was taken in it to act in tenants; answers whether it lived.
    async fn end(
        &self,
        ctx: &PlatformContext,
        id: SessionId,
        reason: &'static str,
    ) -> Result<bool, CatalogError>;
}

/// A login whose password was right.
#[derive(Debug, Clone, Copy)]
pub struct NewOperatorLogin {
    /// Names it in the call that follows.
    pub id: Uuid,
    /// Whose.
    pub operator: OperatorId,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// A login with a try taken from it.
#[derive(Debug, Clone, Copy)]
pub struct OperatorLoginTry {
    /// Whose.
    pub operator: OperatorId,
    /// How many there were, this one included.
    pub tries: i16,
}

/// What was shown as a second factor and fits.
#[derive(Debug, Clone, Copy)]
pub enum FactorProof {
    /// A code of this time step.
    Step(i64),
    /// A backup code with this hash.
    BackupCode(CountedSubject),
}

/// The second half of a login. Implemented by tenancy.
#[async_trait]
pub trait OperatorSecondFactors: Send + Sync {
    /// Keeps a login that waits for its second factor; `false` when `proof` is no longer good.
    async fn begin(
        &self,
        ctx: &PlatformContext,
        login: NewOperatorLogin,
        proof: &PasswordProof,
    ) -> Result<bool, CatalogError>;

    /// Takes one of `tries` from a login that is neither finished nor lapsed.
    async fn take_try(
        &self,
        login: Uuid,
        tries: i16,
        now: Timestamp,
    ) -> Result<Option<OperatorLoginTry>, CatalogError>;

    /// Counts a guess before it is looked at, in windows of an hour.
    async fn count_guess(
        &self,
        operator: OperatorId,
        guessed: Guessed,
        now: Timestamp,
    ) -> Result<GuessCount, CatalogError>;

    /// Uses up what was shown and gives the guess back, or logs that nothing fitted. Answers whether it was good: a time
    /// step is once, and a backup code.
    async fn accept(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        proof: Option<FactorProof>,
    ) -> Result<bool, CatalogError>;
}

/// Setting up a second factor. Implemented by tenancy.
#[async_trait]
pub trait OperatorEnrolment: Send + Sync {
    /// The sealed secret of a factor that is on, or, with `pending`, of one still to be confirmed.
    async fn secret(&self, operator: OperatorId, pending: bool) -> Result<Option<Vec<u8>>, CatalogError>;

    /// Keeps a secret that is still to be confirmed, in place of an earlier one, and gives the guess at the password back;
    /// `false` when the factor is on already.
    async fn put_pending(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        sealed: &[u8],
    ) -> Result<bool, CatalogError>;

    /// Switches the factor on with the code of time step `step`, makes `session` a full one and keeps the hashes of backup
    /// codes; `false` when there was nothing to confirm.
    async fn confirm(
        &self,
        ctx: &PlatformContext,
        operator: OperatorId,
        session: SessionId,
        step: i64,
        backup_codes: &[CountedSubject],
    ) -> Result<bool, CatalogError>;
}

/// What an operator wants to do in a tenant.
#[derive(Debug, Clone)]
pub struct NewOperatorGrant {
    /// Who.
    pub operator: OperatorId,
    /// Their session: the grant ends with it.
    pub session: Option<SessionId>,
    /// Where.
    pub tenant: TenantId,
    /// Why; both logs have it.
    pub reason: String,
    /// For how long: 1 to 480.
    pub minutes: u32,
}

/// An operator's leave to act in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorGrant {
    /// Id; the `sid` of the grant's token.
    pub id: GrantId,
    /// Who may.
    pub operator: OperatorId,
    /// Where.
    pub tenant: TenantId,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Leave to act in a tenant was not given.
#[derive(Debug, thiserror::Error)]
pub enum OperatorGrantError {
    /// Reason, minutes, or a tenant that is not there.
    #[error(transparent)]
    Fields(#[from] FieldErrors),
    /// The tenant is not in service.
    #[error("a tenant that is {0} does not allow this")]
    WrongState(&'static str),
    /// The operator may no longer sign in.
    #[error("the operator is not active")]
    NotActive,
    /// A database cannot be reached.
    #[error("{0}")]
    Unavailable(String),
    /// The catalog.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
}

impl Failure for OperatorGrantError {
    fn code(&self) -> Code {
        match self {
            Self::Fields(fields) => fields.code(),
            Self::WrongState(_) => Code::Conflict,
            Self::NotActive => Code::TokenInvalid,
            Self::Unavailable(_) => Code::ServiceUnavailable,
            Self::Catalog(error) => error.code(),
        }
    }

    fn fields(&self) -> &[FieldError] {
        match self {
            Self::Fields(fields) => fields.fields(),
            _ => &[],
        }
    }
}

/// Lets operators into tenants. Implemented by tenancy.
#[async_trait]
pub trait OperatorGrants: Send + Sync {
    /// When this returns both logs have the grant and the tenant's gate knows it: a token may be handed out.
    async fn grant(
        &self,
        ctx: &PlatformContext,
        new: &NewOperatorGrant,
    ) -> Result<OperatorGrant, OperatorGrantError>;
}
