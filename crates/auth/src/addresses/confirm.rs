//! The code reached the new address.

use ouvira_common::{
    context::RequestContext,
    db::Tx,
    ports::{Outcome, Person, SecurityEvent, UserDirectoryError},
    secret::Secret,
    text::{Address, Channel},
};
use serde_json::json;

use crate::{
    Auth, AuthError, ChallengeId,
    announce::Announcement,
    logout::own_session,
    model::{Code, Purpose, TokenPurpose},
    store::one_time_tokens,
};

const CHANGED: Announcement =
    Announcement { notice: "address.changed", template: "address_changed", path: "/account/sessions" };

impl Auth {
    /// Makes the address behind the challenge the caller's own, verified, and tells the former one. Somebody who merely
    /// claimed it loses the claim; when it got an account meanwhile, the challenge is void.
    pub async fn confirm_address(
        &self,
        ctx: &RequestContext,
        channel: Channel,
        id: ChallengeId,
        code: &Secret,
    ) -> Result<Person, AuthError> {
        let (user, _) = own_session(ctx)?;
        let purpose = Purpose::change_by(channel);
        let code = Code::typed(code);
        // A wrong code is an error to the caller and yet has to be counted: the transaction commits it.
        let confirmed: Result<Person, AuthError> = self
            .db
            .write(ctx, async |tx| {
                let address = match self.check_code(tx, id, purpose, Some(user), &code).await? {
                    Ok(address) => address,
                    Err(refused) => return Ok::<_, AuthError>(Err(refused)),
                };
                let before =
                    self.users.get(tx, &[user]).await?.remove(&user).ok_or(AuthError::ChallengeInvalid)?;
                let after =
                    self.users.verify_address(tx, user, &address).await.map_err(|error| match error {
                        UserDirectoryError::Db(error) => error.into(),
                        UserDirectoryError::AddressTaken(_) | UserDirectoryError::Gone => {
                            AuthError::ChallengeInvalid
                        }
                    })?;
                // A link that waits in the former mailbox is no longer its owner's.
                one_time_tokens::void(tx, user, TokenPurpose::PasswordReset);
                self.tell(tx, &before, &address);
                Ok(Ok(after))
            })
            .await?;
        confirmed
    }

    fn tell(&self, tx: &mut Tx, before: &Person, address: &Address) {
        let (event, former) = match address {
            Address::Email(_) => {
                ("email.changed", before.email.clone().filter(|_| before.email_verified).map(Address::Email))
            }
            Address::Phone(_) => {
                ("phone.changed", before.phone.clone().filter(|_| before.phone_verified).map(Address::Phone))
            }
        };
        let event =
            SecurityEvent { event, outcome: Outcome::Success, user: Some(before.id), details: json!({}) };
        self.audit.security(tx, event);
        let channel = address.channel().as_str();
        let data = json!({"channel": channel, "address": masked(address)});
        self.announce_at(tx, former, before, CHANGED, data);
    }
}

/// Enough of an address to recognise one's own, and too little to write to somebody else's: whoever reads it may no longer be
/// whose account it is.
fn masked(address: &Address) -> String {
    match address {
        Address::Email(email) => {
            let (local, domain) = email.as_str().rsplit_once('@').unwrap_or((email.as_str(), ""));
            format!("{}…@{domain}", local.chars().next().unwrap_or_default())
        }
        Address::Phone(phone) => {
            let digits = phone.as_str();
            format!("{}…{}", &digits[..3.min(digits.len())], &digits[digits.len().saturating_sub(2)..])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recognised_and_not_told() {
        let of = |text| masked(&Address::parse("/address", text).unwrap());
        assert_eq!(of("ada.lovelace@example.com"), "a…@example.com");
        assert_eq!(of("+33612345678"), "+33…78");
    }
}
