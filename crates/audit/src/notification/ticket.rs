//! Tickets: how a browser opens a stream without a header. An `EventSource` can send none, and an access token has no
//! place in an address; a ticket is good for one stream, for half a minute.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use ouvira_common::{
    context::{Pass, RequestContext},
    entropy::random_bytes,
    id::{SessionId, UserId},
    principal::Principal,
    secret::Secret,
    time::Timestamp,
};
use sha2::{Digest as _, Sha256};

use super::store;
use crate::{Audit, AuditError, fingerprint::Hash};

/// Seconds a ticket is good for.
const LIFETIME: i64 = 30;

/// A ticket to the caller's stream.
#[derive(Debug, Clone)]
pub struct StreamTicket {
    /// What is shown, once.
    pub ticket: Secret,
    /// Until when.
    pub expires_at: Timestamp,
}

/// Whom a ticket was given to.
pub(super) struct Holder {
    pub(super) user: UserId,
    pub(super) session: SessionId,
}

impl Audit {
    /// A ticket for the caller's session.
    pub async fn issue_stream_ticket(&self, ctx: &RequestContext) -> Result<StreamTicket, AuditError> {
        let (user, session) = ctx.user_id().zip(ctx.session_id()).ok_or(AuditError::NotAUser)?;
        let bytes: [u8; 32] = random_bytes(self.recorder.entropy());
        let expires_at = ctx.now() + Duration::seconds(LIFETIME);
        self.db
            .write(ctx, async |tx| {
                store::put_ticket(tx, &hash(&bytes), &Holder { user, session }, expires_at);
                Ok::<_, AuditError>(())
            })
            .await?;
        Ok(StreamTicket { ticket: Secret::new(URL_SAFE_NO_PAD.encode(bytes)), expires_at })
    }

    /// Takes a ticket, shown by somebody who has not signed in, and answers the context of the session it was given to.
    /// Unknown, used and expired ones are `TicketInvalid`.
    pub async fn redeem_stream_ticket(
        &self,
        ctx: &RequestContext,
        ticket: &Secret,
    ) -> Result<RequestContext, AuditError> {
        let bytes = URL_SAFE_NO_PAD.decode(ticket.expose()).map_err(|_| AuditError::TicketInvalid)?;
        let hash = hash(&bytes);
        let holder = self
            .db
            .write(ctx, async |tx| store::take_ticket(tx, &hash).await?.ok_or(AuditError::TicketInvalid))
            .await?;
        let pass = Pass::Session { id: holder.session, enrolment: false };
        let tenant = ctx.tenant().clone();
        let holder =
            RequestContext::new(tenant, Principal::user(holder.user), pass, ctx.origin().clone(), ctx.now());
        Ok(holder.with_locale(ctx.locale()))
    }
}

impl Audit {
    /// Removes at most `most` tickets that nobody used in time, as a job of the tenant; answers how many.
    pub async fn remove_expired_stream_tickets(
        &self,
        ctx: &RequestContext,
        most: u16,
    ) -> Result<usize, AuditError> {
        self.db.write(ctx, async |tx| Ok(store::remove_expired_tickets(tx, most.into()).await?)).await
    }
}

fn hash(ticket: &[u8]) -> Hash {
    Sha256::digest(ticket).into()
}
