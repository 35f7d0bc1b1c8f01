//! Switching a user off and on again.

use ouvira_common::{
    db::{DbError, Tx},
    id::UserId,
};

use crate::{
    Users,
    event::{UserDeactivated, UserReactivated},
};

impl Users {
    /// Has the gate let the user in or not. Off, their sessions end, and on again they sign in anew.
    pub(crate) async fn switch(&self, tx: &mut Tx, user_id: UserId, on: bool) -> Result<(), DbError> {
        tx.admit_user(user_id, on);
        if on {
            tx.publish(&UserReactivated { user_id });
        } else {
            self.sessions.end_all(tx, user_id, None).await?;
            tx.publish(&UserDeactivated { user_id });
        }
        Ok(())
    }
}
