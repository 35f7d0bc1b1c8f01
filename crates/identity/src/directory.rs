//! What other domains ask about people.

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use ouvira_common::{
    db::{DbError, Tx},
    id::UserId,
    ports::{AuditSink, NewPerson, Person, UserDirectory, UserDirectoryError},
    text::Address,
    time::Timestamp,
};

use crate::{
    event::{UserCreated, UserInvited, UserUpdated},
    model::{AddressStanding, Name, User},
    record::activity,
    store,
};

/// The users of the tenant, for other domains; it works in their transaction and asks for no permission.
#[derive(Clone)]
pub struct Directory {
    audit: Arc<dyn AuditSink>,
}

impl Directory {
    /// A directory that tells `audit` what it changes.
    pub fn new(audit: Arc<dyn AuditSink>) -> Self {
        Self { audit }
    }

    /// Takes `address` from everybody who has it without having proven it, and answers `holder`, locked, when they are
    /// there already.
    async fn clear(&self, tx: &mut Tx, address: &Address, holder: UserId) -> Result<Option<User>, DbError> {
        let mut found = None;
        for before in store::lock_claimants(tx, address, holder).await? {
            if before.id == holder {
                found = Some(before);
                continue;
            }
            let mut after = before.clone();
            after.give_up(address.channel());
            after.touch(tx.now());
            // At once: the address must be free before its holder takes it up.
            store::update(tx, &after).await?;
            self.audit.record(tx, activity("user.address_lost", Some(&before), Some(&after)));
            tx.publish(&UserUpdated { user_id: after.id });
        }
        Ok(found)
    }
}

#[async_trait]
impl UserDirectory for Directory {
    async fn find(&self, tx: &mut Tx, address: &Address) -> Result<Option<Person>, DbError> {
        Ok(store::find_verified(tx, address).await?.map(|user| user.to_person()))
    }

    async fn get(&self, tx: &mut Tx, ids: &[UserId]) -> Result<HashMap<UserId, Person>, DbError> {
        let users = store::find_all(tx, ids).await?;
        Ok(users.into_iter().map(|(id, user)| (id, user.to_person())).collect())
    }

    async fn create(&self, tx: &mut Tx, person: NewPerson) -> Result<Person, UserDirectoryError> {
        let now = tx.now();
        store::require_room(tx).await?;
        let mut user = User::new_at(now, tx.context().settings());
        user.first_name = Name::fitting(&person.first_name);
        user.last_name = Name::fitting(&person.last_name);
        user.locale = person.locale.unwrap_or(user.locale);
        if let Some(address) = &person.claimed {
            let unproven = if person.verified.is_some() {
                AddressStanding::claimed_at(now)
            } else {
                AddressStanding::OnRecord
            };
            user.take_up(address, unproven);
        }
        if let Some(address) = &person.verified {
            self.clear(tx, address, user.id).await?;
            user.take_up(address, AddressStanding::Verified);
        }
        let address = person.verified.as_ref().or(person.claimed.as_ref());
        store::insert(tx, &user).await.map_err(|error| taken(error, address))?;
        tx.admit_user(user.id, true);
        self.audit.record(tx, activity("user.created", None, Some(&user)));
        tx.publish(&UserCreated { user_id: user.id });
        if person.verified.is_none() && user.email.is_some() {
            tx.publish(&UserInvited { user_id: user.id });
        }
        Ok(user.to_person())
    }

    async fn verify_address(
        &self,
        tx: &mut Tx,
        user: UserId,
        address: &Address,
    ) -> Result<Person, UserDirectoryError> {
        let before = self.clear(tx, address, user).await?.ok_or(UserDirectoryError::Gone)?;
        let mut after = before.clone();
        after.take_up(address, AddressStanding::Verified);
        if after == before {
            return Ok(before.to_person());
        }
        after.touch(tx.now());
        store::update(tx, &after).await.map_err(|error| taken(error, Some(address)))?;
        self.audit.record(tx, activity("user.address_verified", Some(&before), Some(&after)));
        tx.publish(&UserUpdated { user_id: user });
        Ok(after.to_person())
    }

    fn note_sign_in(&self, tx: &mut Tx, user: UserId, at: Timestamp) {
        store::note_sign_in(tx, user, at);
    }

    fn note_second_factor(&self, tx: &mut Tx, user: UserId, on: bool) {
        store::note_second_factor(tx, user, on);
    }
}

/// That somebody else holds the address is told as such.
fn taken(error: DbError, address: Option<&Address>) -> UserDirectoryError {
    match address {
        Some(address)
            if error.violates_unique(store::EMAIL_HELD) || error.violates_unique(store::PHONE_HELD) =>
        {
            UserDirectoryError::AddressTaken(address.clone())
        }
        _ => error.into(),
    }
}
