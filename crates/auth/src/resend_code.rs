//! The code did not arrive: another one.

use ouvira_common::context::RequestContext;

use crate::{
    Auth, AuthError, Challenge, ChallengeId,
    budget::seconds,
    challenge::CodeToSend,
    config::{CODE_LIFETIME, RESEND_PAUSE},
    model::Code,
    store::challenges,
};

impl Auth {
    /// Sends a new code for a challenge; the former one is void, and wrong codes stay counted. Fails before the pause is
    /// over, which doubles with each time, or when the address was sent enough for now.
    pub async fn resend_code(&self, ctx: &RequestContext, id: ChallengeId) -> Result<Challenge, AuthError> {
        self.db
            .write(ctx, async |tx| {
                let now = tx.now();
                let key = &ctx.tenant().data_key;
                let open = challenges::lock(tx, id).await?.ok_or(AuthError::ChallengeInvalid)?;
                if now < open.resend_at {
                    return Err(AuthError::TooMany { retry_after: seconds(open.resend_at - now) });
                }
                let address = open.address.open(key, challenges::address_place(id))?;
                self.spend_code(tx, &address, open.address_hash).await?;
                let holder = self.users.find(tx, &address).await?;

                let code = Code::generate(&*self.entropy);
                let hash = self.kept_hash(code.hash(key, id, open.purpose, open.address_hash), open.decoy);
                let resend_at = now + RESEND_PAUSE * (1 << open.sends.clamp(0, 10));
                let expires_at = now + CODE_LIFETIME;
                challenges::replace_code(tx, id, hash, resend_at, expires_at);
                let sending = CodeToSend {
                    purpose: open.purpose,
                    user: open.user,
                    address: &address,
                    code: &code,
                    decoy: open.decoy,
                    holder: holder.as_ref(),
                };
                self.send_code(tx, &sending);
                Ok(Challenge { id, channel: open.address.channel, expires_at, resend_at })
            })
            .await
    }
}
