//! Statements whose answer nobody waits for one by one: audit rows, outbox rows, grants. They go out in one flight before
//! COMMIT.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{QueryFragment, QueryId},
};
use diesel_async::{AsyncConnectionCore, AsyncPgConnection};
use futures_util::future::{BoxFuture, join_all};

pub(super) trait Deferred: Send {
    fn send(self: Box<Self>, conn: &AsyncPgConnection) -> BoxFuture<'_, QueryResult<usize>>;
}

impl<Q: QueryFragment<Pg> + QueryId + Send> Deferred for Q {
    fn send<'conn>(
        self: Box<Self>,
        mut conn: &'conn AsyncPgConnection,
    ) -> BoxFuture<'conn, QueryResult<usize>> {
        // The statement is turned into text and bytes here; the future no longer holds it.
        <&'conn AsyncPgConnection as AsyncConnectionCore>::execute_returning_count(&mut conn, *self)
    }
}

/// `join_all` polls in order only below this many; the order is what keeps foreign keys satisfied.
const FLIGHT: usize = 30;

/// Sends them all in order, then waits for every answer; the first failure is the answer.
pub(super) async fn send_all(
    conn: &AsyncPgConnection,
    statements: Vec<Box<dyn Deferred>>,
) -> QueryResult<()> {
    let mut statements = statements.into_iter().peekable();
    while statements.peek().is_some() {
        let flight: Vec<_> = statements.by_ref().take(FLIGHT).map(|statement| statement.send(conn)).collect();
        for answer in join_all(flight).await {
            answer?;
        }
    }
    Ok(())
}
