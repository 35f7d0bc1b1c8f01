//! The gate's rows of users and sessions, as the domains write them: in the transaction of their own rows.

use diesel::{
    sql_query,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{Tx, cached};
use crate::{
    id::{SessionId, UserId},
    time::Timestamp,
};

/// What a session opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionScope {
    /// Everything its user may do.
    Full,
    /// Only setting up a second factor, and logging out.
    Enrol,
}

impl SessionScope {
    /// The name in the token and in the gate's table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Enrol => "enrol",
        }
    }
}

/// The function that changes how long a live session lasts at the gate, and what it opens, for a statement that does so while
/// it is at it: takes the session's id, its scope and when it ends.
pub const EXTEND_SESSION: &str = "ouvira_core.extend_session";

/// The function that deletes sessions at the gate which no longer pass: takes their ids.
pub const FORGET_SESSIONS: &str = "ouvira_core.forget_sessions";

impl Tx {
    /// Makes `user` known at the gate, or switches them on or off: nobody inactive passes.
    pub fn admit_user(&mut self, user: UserId, active: bool) {
        self.defer(cached(
            sql_query("SELECT ouvira_core.put_user($1, $2)").bind::<SqlUuid, _>(user).bind::<Bool, _>(active),
        ));
    }

    /// Opens a session at the gate; the user must have been admitted.
    pub fn open_session(
        &mut self,
        session: SessionId,
        user: UserId,
        scope: SessionScope,
        expires_at: Timestamp,
    ) {
        self.defer(cached(
            sql_query("SELECT ouvira_core.open_session($1, $2, $3, $4)")
                .bind::<SqlUuid, _>(session)
                .bind::<SqlUuid, _>(user)
                .bind::<Text, _>(scope.as_str())
                .bind::<Timestamptz, _>(expires_at),
        ));
    }

    /// Changes how long a live session lasts, and what it opens.
    pub fn extend_session(&mut self, session: SessionId, scope: SessionScope, expires_at: Timestamp) {
        self.defer(cached(
            sql_query("SELECT ouvira_core.extend_session($1, $2, $3)")
                .bind::<SqlUuid, _>(session)
                .bind::<Text, _>(scope.as_str())
                .bind::<Timestamptz, _>(expires_at),
        ));
    }

    /// Ends one session: its next request is refused on every node.
    pub fn end_session(&mut self, session: SessionId) {
        self.defer(cached(sql_query("SELECT ouvira_core.end_session($1)").bind::<SqlUuid, _>(session)));
    }

    /// Ends all sessions of a user but `except`.
    pub fn end_sessions(&mut self, user: UserId, except: Option<SessionId>) {
        self.defer(cached(
            sql_query("SELECT ouvira_core.end_sessions($1, $2)")
                .bind::<SqlUuid, _>(user)
                .bind::<Nullable<SqlUuid>, _>(except),
        ));
    }
}
