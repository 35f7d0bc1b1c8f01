//! Where somebody is signed in.

use ouvira_common::{
    context::RequestContext,
    id::SessionId,
    page::{Page, PageRequest},
};

use crate::{Auth, AuthError, Session, logout::own_session, store::sessions};

impl Auth {
    /// The caller's live sessions, the newest first.
    pub async fn list_sessions(
        &self,
        ctx: &RequestContext,
        page: PageRequest,
    ) -> Result<Page<Session>, AuthError> {
        let (user, _) = own_session(ctx)?;
        let before: Option<SessionId> = page.position()?;
        self.db
            .read(ctx, async |tx| {
                let rows = sessions::live(tx, user, before, page.limit.probe()).await?;
                let mut answer = Page::from_rows(rows, page.limit, |session| session.id);
                if page.count {
                    answer.total = Some(sessions::count_live(tx, user).await?);
                }
                Ok(answer)
            })
            .await
    }
}
