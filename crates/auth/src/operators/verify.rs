//! Whose token it is, and whether it still is.

use async_trait::async_trait;
use ouvira_common::{
    db::SessionScope,
    id::OperatorId,
    ports::{CatalogError, OperatorVerifier, TokenError, VerifiedOperator},
    principal::PrincipalKind,
    time::Timestamp,
};

use super::OperatorAuth;
use crate::token::{Audience, audience_of};

#[async_trait]
impl OperatorVerifier for OperatorAuth {
    async fn verify_operator(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<VerifiedOperator>, TokenError> {
        if audience_of(token) != Some(Audience::Operator) {
            return Ok(None);
        }
        let token = self.tokens.verify_for(Audience::Operator, token, now).await?;
        if token.principal.kind != PrincipalKind::Operator {
            return Err(TokenError::Invalid);
        }
        let operator = OperatorId(token.principal.id);
        let unavailable = |error: CatalogError| TokenError::Unavailable(error.to_string());
        let session = self.sessions.find(token.session).await.map_err(unavailable)?;
        let session = session.filter(|session| session.operator == operator && session.lives(now));
        let session = session.ok_or(TokenError::Invalid)?;
        // A token keeps the scope it was made with until the next refresh.
        let enrol = [token.scope, session.scope].contains(&SessionScope::Enrol);
        Ok(Some(VerifiedOperator {
            operator,
            session: token.session,
            scope: if enrol { SessionScope::Enrol } else { SessionScope::Full },
            amr: token.amr,
            authenticated_at: token.authenticated_at,
            expires_at: token.expires_at,
        }))
    }
}
