//! A scoped transaction.
//!
//! It opens with its first query: BEGIN, the gate and that query go out together, the gate's answer is read first, and if
//! it refused, whatever the query said is discarded. A read of one statement is so one round trip, and a write is three
//! at least: the first statement, the deferred ones in one flight, COMMIT. COMMIT is never sent while an answer is
//! outstanding, or it could overtake a statement still being prepared.

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AsQuery, QueryFragment, QueryId},
    result::Error as DieselError,
};
use diesel_async::{
    AsyncConnectionCore, AsyncPgConnection, SimpleAsyncConnection, pooled_connection::deadpool::Object,
};
use futures_util::{FutureExt as _, future::BoxFuture, future::join};

use super::{
    DbError, Refusal, RightsVersion,
    deferred::{Deferred, send_all},
    gate::{Admission, Gate},
};
use crate::{context::RequestContext, time::Timestamp};

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Access {
    const fn begin(self) -> &'static str {
        match self {
            Self::Read => "BEGIN READ ONLY",
            Self::Write => "BEGIN",
        }
    }
}

/// Why a transaction ended that the use case did not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The gate gave no row.
    Refused,
    /// A decision was made on rights that are no longer in force.
    Stale,
    /// Rights were changed by somebody else between the gate and our lock.
    Raced,
    /// The tenant's settings are not those that the caller's node has.
    SettingsChanged,
    /// The connection was dead before the transaction began.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing was sent yet.
    Fresh,
    /// BEGIN is on its way or done, but the gate's answer is not there.
    Begun,
    /// Let in.
    Open(Admission),
    /// Committed, or rolled back.
    Ended,
}

/// A transaction in the scope of one tenant. Only a `Tx` runs queries, and only [`Db`](super::Db) makes one. Dropped
/// half-way it rolls back.
pub struct Tx {
    conn: Object<AsyncPgConnection>,
    ctx: RequestContext,
    access: Access,
    settings: Option<i64>,
    stage: Stage,
    verdict: Option<Verdict>,
    deferred: Vec<Box<dyn Deferred>>,
    committed: Vec<Box<dyn FnOnce() + Send + Sync>>,
    pub(super) assumed: Option<RightsVersion>,
    pub(super) rights_locked: bool,
    pub(crate) published: bool,
}

impl Tx {
    /// A transaction of `ctx`; `settings` is the version of the tenant's settings that it may go on with, any if `None`.
    pub(super) fn new(
        conn: Object<AsyncPgConnection>,
        ctx: RequestContext,
        access: Access,
        settings: Option<i64>,
    ) -> Self {
        Self {
            conn,
            ctx,
            access,
            settings,
            stage: Stage::Fresh,
            verdict: None,
            deferred: Vec::new(),
            committed: Vec::new(),
            assumed: None,
            rights_locked: false,
            published: false,
        }
    }

    /// Who asks, for which tenant.
    pub fn context(&self) -> &RequestContext {
        &self.ctx
    }

    /// The instant of the request.
    pub fn now(&self) -> Timestamp {
        self.ctx.now()
    }

    /// What the gate said, if it was asked already.
    pub fn admission(&self) -> Option<Admission> {
        match self.stage {
            Stage::Open(admission) => Some(admission),
            _ => None,
        }
    }

    /// Goes through the gate now, when what follows depends on its answer.
    pub async fn open(&mut self) -> Result<Admission, DbError> {
        if let Some(admission) = self.admission() {
            return Ok(admission);
        }
        self.opening().with(async { Ok(()) }).await?;
        self.admission().ok_or(DbError::Query(DieselError::RollbackTransaction))
    }

    /// Meets the gate if no query has: what was decided in memory counts only once the gate agrees, a refusal too. A read that
    /// asks for nothing else needs its answer and no transaction.
    pub(super) async fn settle(&mut self, commits: bool) -> Result<(), DbError> {
        if self.stage == Stage::Fresh && (commits || self.assumed.is_some()) {
            match self.access {
                Access::Read if self.deferred.is_empty() => self.opening().nothing().await?,
                _ => drop(self.open().await?),
            }
        }
        Ok(())
    }

    /// Queues a statement that needs no answer; it is sent with the others in one flight before COMMIT, in order. When
    /// it fails, the transaction fails.
    pub fn defer<Q>(&mut self, statement: Q)
    where
        Q: QueryFragment<Pg> + QueryId + Send + 'static,
    {
        self.deferred.push(Box::new(statement));
    }

    /// Calls `then` when this transaction is committed, and never when it is not; for what a node keeps in memory. A commit
    /// whose answer is lost is not told of.
    pub fn after_commit(&mut self, then: impl FnOnce() + Send + Sync + 'static) {
        self.committed.push(Box::new(then));
    }

    /// Ends the transaction for `verdict`; the error is only to unwind the use case, the verdict decides.
    pub(super) fn stop(&mut self, verdict: Verdict) -> DbError {
        self.verdict = Some(verdict);
        DbError::Query(DieselError::RollbackTransaction)
    }

    pub(super) fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    pub(super) fn found_epoch(&mut self, epoch: i64) {
        if let Stage::Open(admission) = &mut self.stage {
            admission.rights.epoch = epoch;
        }
    }

    fn opening(&mut self) -> Opening<'_> {
        Opening {
            conn: &self.conn,
            gate: Gate::new(&self.ctx, self.access == Access::Write),
            access: self.access,
            settings: self.settings,
            stage: &mut self.stage,
            verdict: &mut self.verdict,
            assumed: self.assumed,
        }
    }

    /// Sends what was deferred.
    pub(super) async fn send_deferred(&mut self) -> Result<(), DbError> {
        let deferred = std::mem::take(&mut self.deferred);
        if !deferred.is_empty() {
            send_all(&self.conn, deferred).await?;
        }
        Ok(())
    }

    /// Sends what was deferred and commits. A read's COMMIT is sent and not waited for.
    pub(super) async fn commit(mut self) -> Result<(), DbError> {
        self.send_deferred().await?;
        if self.stage != Stage::Ended {
            let mut conn: &AsyncPgConnection = &self.conn;
            let commit = conn.batch_execute("COMMIT");
            match self.access {
                Access::Read => drop(commit.now_or_never()),
                Access::Write => commit.await?,
            }
            self.stage = Stage::Ended;
        }
        for then in std::mem::take(&mut self.committed) {
            then();
        }
        Ok(())
    }

    /// Rolls back and waits until that is done: whoever comes next finds its locks free.
    pub(super) async fn roll_back(mut self) {
        if !matches!(self.stage, Stage::Fresh | Stage::Ended) {
            let mut conn: &AsyncPgConnection = &self.conn;
            // When the connection is gone, so is the transaction.
            drop(conn.batch_execute("ROLLBACK").await);
            self.stage = Stage::Ended;
        }
    }

    /// Rolls back and asks why the gate refused.
    pub(super) async fn explain_refusal(mut self) -> Result<Refusal, DbError> {
        let gate = Gate::new(&self.ctx, false);
        if self.stage != Stage::Ended {
            let mut conn: &AsyncPgConnection = &self.conn;
            conn.batch_execute("ROLLBACK").await?;
        }
        let refusal = gate.refusal(&self.conn).await?;
        self.stage = Stage::Ended;
        Ok(refusal)
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::Fresh | Stage::Ended) {
            // Sent by being polled once; the connection's next BEGIN queues behind it.
            let mut conn: &AsyncPgConnection = &self.conn;
            drop(conn.batch_execute("ROLLBACK").now_or_never());
        }
    }
}

/// The parts of a fresh transaction that opening it needs.
struct Opening<'tx> {
    conn: &'tx AsyncPgConnection,
    gate: Gate,
    access: Access,
    settings: Option<i64>,
    stage: &'tx mut Stage,
    verdict: &'tx mut Option<Verdict>,
    assumed: Option<RightsVersion>,
}

impl Opening<'_> {
    /// BEGIN, the gate and `first` in one flight, polled, and so sent, in that order.
    async fn with<R>(self, first: impl Future<Output = QueryResult<R>>) -> QueryResult<R> {
        let mut conn = self.conn;
        *self.stage = Stage::Begun;
        let pass = self.gate.clone().pass(conn);
        let (begun, (admission, first)) =
            join(conn.batch_execute(self.access.begin()), join(pass, first)).await;
        if begun.is_err() {
            return Err(self.stop(Verdict::Lost));
        }
        if let Some(admission) = admission? {
            *self.stage = Stage::Open(admission);
            self.go_on(admission)?;
            first
        } else {
            Err(self.stop(Verdict::Refused))
        }
    }

    /// The gate by itself: a statement outside of a transaction, whose scope ends with it.
    async fn nothing(self) -> Result<(), DbError> {
        *self.stage = Stage::Ended;
        match self.gate.clone().pass(self.conn).await.map_err(DbError::from) {
            Ok(Some(admission)) => Ok(self.go_on(admission)?),
            Ok(None) => Err(self.stop(Verdict::Refused).into()),
            // As where BEGIN finds nobody to hear it.
            Err(DbError::Unavailable(_)) => Err(self.stop(Verdict::Lost).into()),
            Err(error) => Err(error),
        }
    }

    /// Whether what was decided on is still so.
    fn go_on(self, admission: Admission) -> QueryResult<()> {
        let rights_hold = self.assumed.is_none_or(|version| version == admission.rights);
        let settings_hold = self.settings.is_none_or(|version| version == admission.settings_version);
        match (rights_hold, settings_hold) {
            (true, true) => Ok(()),
            (_, false) => Err(self.stop(Verdict::SettingsChanged)),
            (false, true) => Err(self.stop(Verdict::Stale)),
        }
    }

    /// Ends the transaction for `verdict`; the error is only to unwind the use case.
    fn stop(self, verdict: Verdict) -> DieselError {
        *self.verdict = Some(verdict);
        DieselError::RollbackTransaction
    }
}

impl SimpleAsyncConnection for Tx {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        if self.stage == Stage::Fresh {
            self.opening().with(async { Ok(()) }).await?;
        }
        self.conn.batch_execute(query).await
    }
}

impl AsyncConnectionCore for Tx {
    type LoadFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<Self::Stream<'conn, 'query>>>;
    type ExecuteFuture<'conn, 'query> = BoxFuture<'conn, QueryResult<usize>>;
    type Stream<'conn, 'query> = <AsyncPgConnection as AsyncConnectionCore>::Stream<'static, 'static>;
    type Row<'conn, 'query> = <AsyncPgConnection as AsyncConnectionCore>::Row<'static, 'static>;
    type Backend = Pg;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Pg> + QueryId + 'query,
    {
        if self.stage != Stage::Fresh {
            return <AsyncPgConnection as AsyncConnectionCore>::load(&mut self.conn, source);
        }
        let opening = self.opening();
        let mut conn = opening.conn;
        let first = <&'conn AsyncPgConnection as AsyncConnectionCore>::load(&mut conn, source);
        opening.with(first).boxed()
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Pg> + QueryId + 'query,
    {
        if self.stage != Stage::Fresh {
            return <AsyncPgConnection as AsyncConnectionCore>::execute_returning_count(
                &mut self.conn,
                source,
            );
        }
        let opening = self.opening();
        let mut conn = opening.conn;
        let first =
            <&'conn AsyncPgConnection as AsyncConnectionCore>::execute_returning_count(&mut conn, source);
        opening.with(first).boxed()
    }
}
