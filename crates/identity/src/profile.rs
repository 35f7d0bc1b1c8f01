//! Reading one's own profile.

use ouvira_common::context::RequestContext;

use crate::{Users, access::oneself, error::UserError, model::User, store};

impl Users {
    /// The caller's own user; one statement in one round trip.
    pub async fn profile(&self, ctx: &RequestContext) -> Result<User, UserError> {
        let id = oneself(ctx)?;
        self.db.read(ctx, async |tx| store::find(tx, id).await?.ok_or(UserError::NotFound)).await
    }
}
