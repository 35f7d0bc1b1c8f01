//! Putting a code on its way. Whether the address has an account shows nowhere but in what its holder receives: the same
//! statements run, the same things are computed, and the answer is the same.

use ouvira_common::{
    db::Tx,
    entropy::random_bytes,
    id::UserId,
    messages::Message,
    ports::{Outcome, Person, SecurityEvent},
    text::Address,
};
use serde_json::json;

use crate::{
    Auth, AuthError,
    budget::CODES_CHECKED,
    config::{CODE_LIFETIME, CODE_TRIES, RESEND_PAUSE},
    model::{AddressHash, Challenge, ChallengeId, Code, Purpose, SealedAddress},
    store::challenges::{self, NewChallenge},
};

/// A code and where it goes.
pub(crate) struct CodeToSend<'a> {
    pub(crate) purpose: Purpose,
    /// Who is to type it; `None` when that is nobody yet.
    pub(crate) user: Option<UserId>,
    pub(crate) address: &'a Address,
    pub(crate) code: &'a Code,
    /// The address has an account, whose `holder` receives a word about that instead.
    pub(crate) decoy: bool,
    pub(crate) holder: Option<&'a Person>,
}

impl Auth {
    /// Sends a code to `address`, to be typed by `user`, or by anybody when that is nobody yet; when somebody has the
    /// address already, they receive a word about that.
    pub(crate) async fn challenge(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        address: &Address,
        user: Option<UserId>,
    ) -> Result<Challenge, AuthError> {
        let key = tx.context().tenant().data_key.clone();
        let address_hash = AddressHash::of(&key, address);
        self.spend_code(tx, address, address_hash).await?;
        let holder = self.users.find(tx, address).await?;

        let now = tx.now();
        let id = ChallengeId::new_at(now);
        let code = Code::generate(&*self.entropy);
        let decoy = holder.is_some();
        let new = NewChallenge {
            id,
            purpose,
            user,
            address_hash,
            address: SealedAddress::seal(&key, challenges::address_place(id), address, &*self.entropy),
            code_hash: self.kept_hash(code.hash(&key, id, purpose, address_hash), decoy),
            decoy,
            resend_at: now + RESEND_PAUSE,
            expires_at: now + CODE_LIFETIME,
        };
        let challenge = Challenge {
            id,
            channel: new.address.channel,
            expires_at: new.expires_at,
            resend_at: new.resend_at,
        };
        challenges::insert(tx, new);
        self.send_code(
            tx,
            &CodeToSend { purpose, user, address, code: &code, decoy, holder: holder.as_ref() },
        );
        Ok(challenge)
    }

    /// The hash to keep: of the code, or, for a decoy, of nothing that anybody could type.
    pub(crate) fn kept_hash(&self, of_code: [u8; 32], decoy: bool) -> [u8; 32] {
        let of_nothing = random_bytes(&*self.entropy);
        if decoy { of_nothing } else { of_code }
    }

    /// Queues what the address receives, and the log's row: of who is to type the code, not of who has the address already.
    pub(crate) fn send_code(&self, tx: &mut Tx, sending: &CodeToSend<'_>) {
        let CodeToSend { purpose, user, address, code, decoy, holder } = *sending;
        let locale = holder.map_or(tx.context().locale(), |person| person.locale);
        let template = match purpose {
            _ if decoy => "signup_existing_account",
            Purpose::Signup => "signup_code",
            Purpose::EmailChange | Purpose::PhoneChange => "address_code",
        };
        let message = Message::new(address.clone(), locale, template);
        let message = if decoy {
            message.with("link", format!("{}/login", self.config.app_url))
        } else {
            message.with("code", code.expose()).with("minutes", CODE_LIFETIME.num_minutes())
        };
        tx.send_message(&*self.entropy, message);
        let event = SecurityEvent {
            event: "code.requested",
            outcome: Outcome::Success,
            user,
            details: json!({"purpose": purpose.as_str(), "channel": address.channel().as_str()}),
        };
        self.audit.security(tx, event);
    }

    /// Takes a try from a challenge of `user` and compares `code`; the right one uses the challenge up and answers the
    /// address. A wrong one has to be counted: let the transaction commit, and fail with what is answered after it.
    pub(crate) async fn check_code(
        &self,
        tx: &mut Tx,
        id: ChallengeId,
        purpose: Purpose,
        user: Option<UserId>,
        code: &Code,
    ) -> Result<Result<Address, AuthError>, AuthError> {
        let key = tx.context().tenant().data_key.clone();
        let open = challenges::take_try(tx, id, purpose, user).await?.ok_or(AuthError::ChallengeInvalid)?;
        self.spend(tx, &[(CODES_CHECKED, open.address_hash.0)]).await?;
        if !code.fits(&open.code_hash, &key, id, purpose, open.address_hash) {
            let event = SecurityEvent {
                event: "code.refused",
                outcome: Outcome::Failure,
                user,
                details: json!({"purpose": purpose.as_str(), "tries": open.tries}),
            };
            self.audit.security(tx, event);
            let spent = open.tries >= CODE_TRIES;
            return Ok(Err(if spent { AuthError::CodeExhausted } else { AuthError::CodeInvalid }));
        }
        challenges::use_up(tx, id);
        Ok(Ok(open.address.open(&key, challenges::address_place(id))?))
    }
}
