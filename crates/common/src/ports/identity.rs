//! People, as others than identity need them.

use std::collections::HashMap;

use async_trait::async_trait;

use crate::{
    db::{DbError, Tx},
    id::UserId,
    locale::Locale,
    problem::{Code, Failure},
    text::{Address, Email, Phone},
    time::Timestamp,
};

/// What others may know of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each a member of the contract")]
pub struct Person {
    /// Id.
    pub id: UserId,
    /// The e-mail address, verified or claimed.
    pub email: Option<Email>,
    /// Whether it was verified.
    pub email_verified: bool,
    /// The phone number, verified or claimed.
    pub phone: Option<Phone>,
    /// Whether it was verified.
    pub phone_verified: bool,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Language.
    pub locale: Locale,
    /// IANA time zone.
    pub timezone: String,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether a second factor is on.
    pub two_factor_enabled: bool,
    /// When they last signed in.
    pub last_login_at: Option<Timestamp>,
    /// When they were made.
    pub created_at: Timestamp,
    /// When somebody last changed them.
    pub updated_at: Timestamp,
    /// Raised by each change made by people.
    pub version: i64,
}

impl Person {
    /// What to call them: their name, else an address.
    pub fn label(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match name.trim() {
            "" => self
                .email
                .as_ref()
                .map(Email::as_str)
                .or(self.phone.as_ref().map(Phone::as_str))
                .unwrap_or_default()
                .to_owned(),
            name => name.to_owned(),
        }
    }
}

/// Somebody new.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// The address they proved to be theirs.
    pub verified: Option<Address>,
    /// Another one, claimed but not proven. Beside no verified one it is an administrator's record: nobody else can have
    /// it but whoever proves it, and the means to set a password are mailed there.
    pub claimed: Option<Address>,
    /// First name; of more than 100 characters the rest is cut off.
    pub first_name: String,
    /// Last name, likewise.
    pub last_name: String,
    /// Language; the tenant's when `None`.
    pub locale: Option<Locale>,
}

/// A user could not be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum UserDirectoryError {
    /// Somebody else verified this address first.
    #[error("the address is taken")]
    AddressTaken(Address),
    /// The user is not there, or no longer.
    #[error("the user is not there")]
    Gone,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Failure for UserDirectoryError {
    fn code(&self) -> Code {
        match self {
            Self::AddressTaken(Address::Email(_)) => Code::EmailTaken,
            Self::AddressTaken(Address::Phone(_)) => Code::PhoneTaken,
            Self::Gone => Code::NotFound,
            Self::Db(error) => error.code(),
        }
    }
}

/// Who is who in the tenant. Implemented by identity.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// Who holds that address, verified; deleted users hold nothing.
    async fn find(&self, tx: &mut Tx, address: &Address) -> Result<Option<Person>, DbError>;

    /// Those of the ids that are there.
    async fn get(&self, tx: &mut Tx, ids: &[UserId]) -> Result<HashMap<UserId, Person>, DbError>;

    /// A new user, known at the gate.
    async fn create(&self, tx: &mut Tx, person: NewPerson) -> Result<Person, UserDirectoryError>;

    /// Takes note that `user` proved `address` to be theirs: it replaces their former one of that kind, and whoever
    /// merely claimed it loses the claim.
    async fn verify_address(
        &self,
        tx: &mut Tx,
        user: UserId,
        address: &Address,
    ) -> Result<Person, UserDirectoryError>;

    /// Takes note that `user` signed in. Deferred; `version` stays, since nobody edited anything.
    fn note_sign_in(&self, tx: &mut Tx, user: UserId, at: Timestamp);

    /// Takes note that the second factor of `user` is on, or off again. Deferred, like [`Self::note_sign_in`].
    fn note_second_factor(&self, tx: &mut Tx, user: UserId, on: bool);
}
