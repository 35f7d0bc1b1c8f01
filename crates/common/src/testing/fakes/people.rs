use std::{collections::HashMap, sync::Mutex};

use async_trait::async_trait;

use super::kept;
use crate::{
    db::{DbError, Tx},
    id::UserId,
    ports::{NewPerson, Person, UserDirectory, UserDirectoryError},
    text::Address,
    time::Timestamp,
};

/// People kept in memory, admitted at the real gate.
#[derive(Debug, Default)]
pub struct MemoryUsers {
    people: Mutex<HashMap<UserId, Person>>,
    signed_in: Mutex<HashMap<UserId, Timestamp>>,
    second_factors: Mutex<HashMap<UserId, bool>>,
}

impl MemoryUsers {
    /// Puts somebody in, or in place of who had that id. Not admitted at the gate.
    pub fn put(&self, person: Person) {
        kept(&self.people).insert(person.id, person);
    }

    /// Everybody.
    pub fn all(&self) -> Vec<Person> {
        kept(&self.people).values().cloned().collect()
    }

    /// When `user` was last noted to sign in.
    pub fn signed_in_at(&self, user: UserId) -> Option<Timestamp> {
        kept(&self.signed_in).get(&user).copied()
    }

    /// Whether `user` was noted to have a second factor.
    pub fn second_factor(&self, user: UserId) -> bool {
        kept(&self.second_factors).get(&user).copied().unwrap_or_default()
    }
}

fn holds(person: &Person, address: &Address) -> bool {
    match address {
        Address::Email(email) => {
            person.email_verified && person.email.as_ref().is_some_and(|own| own.folded() == email.folded())
        }
        Address::Phone(phone) => person.phone_verified && person.phone.as_ref() == Some(phone),
    }
}

fn put_address(person: &mut Person, address: Address, verified: bool) {
    match address {
        Address::Email(email) => (person.email, person.email_verified) = (Some(email), verified),
        Address::Phone(phone) => (person.phone, person.phone_verified) = (Some(phone), verified),
    }
}

#[async_trait]
impl UserDirectory for MemoryUsers {
    async fn find(&self, tx: &mut Tx, address: &Address) -> Result<Option<Person>, DbError> {
        tx.open().await?;
        Ok(kept(&self.people).values().find(|person| holds(person, address)).cloned())
    }

    async fn get(&self, tx: &mut Tx, ids: &[UserId]) -> Result<HashMap<UserId, Person>, DbError> {
        tx.open().await?;
        let people = kept(&self.people);
        Ok(ids.iter().filter_map(|id| people.get(id).map(|person| (*id, person.clone()))).collect())
    }

    async fn create(&self, tx: &mut Tx, new: NewPerson) -> Result<Person, UserDirectoryError> {
        if let Some(address) = &new.verified
            && self.find(tx, address).await?.is_some()
        {
            return Err(UserDirectoryError::AddressTaken(address.clone()));
        }
        let mut person = Person {
            id: UserId::new_at(tx.now()),
            email: None,
            email_verified: false,
            phone: None,
            phone_verified: false,
            first_name: new.first_name,
            last_name: new.last_name,
            locale: new.locale.unwrap_or_default(),
            timezone: "UTC".to_owned(),
            active: true,
            two_factor_enabled: false,
            last_login_at: None,
            created_at: tx.now(),
            updated_at: tx.now(),
            version: 1,
        };
        for (address, verified) in [(new.claimed, false), (new.verified, true)] {
            if let Some(address) = address {
                put_address(&mut person, address, verified);
            }
        }
        tx.admit_user(person.id, true);
        self.put(person.clone());
        Ok(person)
    }

    async fn verify_address(
        &self,
        tx: &mut Tx,
        user: UserId,
        address: &Address,
    ) -> Result<Person, UserDirectoryError> {
        if self.find(tx, address).await?.is_some_and(|holder| holder.id != user) {
            return Err(UserDirectoryError::AddressTaken(address.clone()));
        }
        let mut people = kept(&self.people);
        let person = people.get_mut(&user).expect("the test put this user in");
        put_address(person, address.clone(), true);
        Ok(person.clone())
    }

    fn note_sign_in(&self, _tx: &mut Tx, user: UserId, at: Timestamp) {
        kept(&self.signed_in).insert(user, at);
    }

    fn note_second_factor(&self, _tx: &mut Tx, user: UserId, on: bool) {
        kept(&self.second_factors).insert(user, on);
    }
}
