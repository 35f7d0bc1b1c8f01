//! The catalog's table of schedules, as the worker's role sees it: whose turn it is.

use std::time::Duration;

use diesel::{
    QueryableByName, sql_query,
    sql_types::{Array, Double, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use ouvira_common::{
    db::{Endpoint, cached, connect},
    id::TenantId,
    time::Timestamp,
};
use uuid::Uuid;

use super::schedule::Times;

/// How long a schedule is a runner's. One that dies leaves it to others after this long.
pub(super) const LEASE: Duration = Duration::from_secs(15);

/// A schedule that is ours to run.
#[derive(Debug, QueryableByName)]
pub(super) struct Turn {
    #[diesel(sql_type = Text)]
    pub(super) name: String,
    /// The last tenant that whoever ran it before us and did not finish had come to.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(super) position: Option<Uuid>,
    /// Who that was.
    #[diesel(sql_type = Nullable<Text>)]
    pub(super) before: Option<String>,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Now {
    #[diesel(sql_type = Timestamptz)]
    at: Timestamp,
}

#[derive(QueryableByName)]
struct Entered {
    #[diesel(sql_type = Timestamptz)]
    at: Timestamp,
    #[diesel(sql_type = Text)]
    cron: String,
}

#[derive(QueryableByName)]
struct Former {
    #[diesel(sql_type = Nullable<Text>)]
    cron: Option<String>,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: TenantId,
}

/// The connection to the catalog as `ouvira_worker`, opened when it is first needed and again when it was lost. Times are
/// the database's: workers whose clocks differ agree.
pub(super) struct Turns {
    endpoint: Endpoint,
    runner: String,
    conn: Option<AsyncPgConnection>,
}

impl Turns {
    /// Those of `runner`.
    pub(super) fn new(endpoint: Endpoint, runner: String) -> Self {
        Self { endpoint, runner, conn: None }
    }

    /// Forgets the connection: the next question opens another.
    pub(super) fn reconnect(&mut self) {
        self.conn = None;
    }

    async fn conn(&mut self) -> Result<&mut AsyncPgConnection, String> {
        if self.conn.is_none() {
            let conn = connect(&self.endpoint, None).await.map_err(|error| error.to_string())?;
            self.conn = Some(conn);
        }
        self.conn.as_mut().ok_or_else(|| "no connection".to_owned())
    }

    /// The database's time.
    pub(super) async fn now(&mut self) -> Result<Timestamp, String> {
        let now = cached(sql_query("SELECT now() AS at"));
        now.get_result(self.conn().await?).await.map(|Now { at }| at).map_err(text)
    }

    /// Lets others know that this worker lives, and how the last attempt to keep a checkpoint went.
    pub(super) async fn tell_that_we_live(
        &mut self,
        storage: Option<(bool, Timestamp)>,
    ) -> Result<(), String> {
        let tell = sql_query(
            "INSERT INTO ouvira_catalog.workers (name, storage, storage_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO UPDATE \
                SET seen_at = now(), storage = excluded.storage, storage_at = excluded.storage_at",
        );
        let (kept, at) = storage.unzip();
        let tell = tell
            .bind::<Text, _>(self.runner.clone())
            .bind::<Nullable<Text>, _>(kept.map(|kept| if kept { "ok" } else { "unavailable" }))
            .bind::<Nullable<Timestamptz>, _>(at);
        cached(tell).execute(self.conn().await?).await.map(drop).map_err(text)
    }

    /// Removes workers that have not been seen for a day: they died.
    pub(super) async fn forget_who_is_gone(&mut self) -> Result<(), String> {
        let forget = sql_query("DELETE FROM ouvira_catalog.workers WHERE seen_at < now() - interval '1 day'");
        cached(forget).execute(self.conn().await?).await.map(drop).map_err(text)
    }

    /// Lets others know that this worker ends.
    pub(super) async fn take_leave(&mut self) -> Result<(), String> {
        let leave = sql_query("DELETE FROM ouvira_catalog.workers WHERE name = $1");
        let leave = cached(leave.bind::<Text, _>(self.runner.clone()));
        leave.execute(self.conn().await?).await.map(drop).map_err(text)
    }

    /// Enters a schedule, due at its first time from now. One that is there keeps its time, unless its expression changed: then
    /// the former one is answered.
    pub(super) async fn enter(
        &mut self,
        name: &str,
        expression: &str,
        times: &Times,
    ) -> Result<Option<String>, String> {
        let due = times.after(self.now().await?);
        let enter = sql_query(
            "WITH former AS (SELECT cron FROM ouvira_catalog.schedules WHERE name = $1) \
             INSERT INTO ouvira_catalog.schedules (name, cron, due_at) VALUES ($1, $2, coalesce($3, 'infinity')) \
             ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, due_at = excluded.due_at \
             WHERE schedules.cron <> excluded.cron \
             RETURNING (SELECT cron FROM former) AS cron",
        );
        let enter = enter.bind::<Text, _>(name).bind::<Text, _>(expression);
        let enter = cached(enter.bind::<Nullable<Timestamptz>, _>(due));
        let changed: Vec<Former> = enter.load(self.conn().await?).await.map_err(text)?;
        Ok(changed.into_iter().find_map(|former| former.cron))
    }

    /// Takes those of `names` that are due and nobody's. The lease is a condition of the UPDATE: of two workers at the same
    /// row, the second finds it taken.
    pub(super) async fn take(&mut self, names: &[&str]) -> Result<Vec<Turn>, String> {
        let take = sql_query(
            "UPDATE ouvira_catalog.schedules s \
                SET runner = $2, lease_until = now() + make_interval(secs => $3), started_at = now() \
               FROM (SELECT o.name, o.runner FROM ouvira_catalog.schedules o \
                      WHERE o.name = ANY ($1) AND o.due_at <= now() AND (o.lease_until IS NULL OR o.lease_until < now()) \
                        FOR UPDATE SKIP LOCKED) due \
              WHERE s.name = due.name \
          RETURNING s.name, s.position, due.runner AS before",
        );
        let take = take
            .bind::<Array<Text>, _>(names)
            .bind::<Text, _>(self.runner.clone())
            .bind::<Double, _>(LEASE.as_secs_f64());
        cached(take).load(self.conn().await?).await.map_err(text)
    }

    /// Moves the leases of what we run ahead, notes how far each came, and answers those that are still ours.
    pub(super) async fn beat(&mut self, running: &[(&str, Option<Uuid>)]) -> Result<Vec<String>, String> {
        let (names, positions): (Vec<_>, Vec<_>) = running.iter().copied().unzip();
        let beat = sql_query(
            "UPDATE ouvira_catalog.schedules s \
                SET lease_until = now() + make_interval(secs => $4), position = ours.position \
               FROM unnest($1, $2) AS ours(name, position) \
              WHERE s.name = ours.name AND s.runner = $3 \
          RETURNING s.name",
        );
        let beat = beat
            .bind::<Array<Text>, _>(names)
            .bind::<Array<Nullable<SqlUuid>>, _>(positions)
            .bind::<Text, _>(self.runner.clone())
            .bind::<Double, _>(LEASE.as_secs_f64());
        let ours: Vec<Named> = cached(beat).load(self.conn().await?).await.map_err(text)?;
        Ok(ours.into_iter().map(|row| row.name).collect())
    }

    /// Gives a schedule back, done, until its next time: by the expression that was entered last, by whichever worker, so that all
    /// keep to the same.
    pub(super) async fn finish(
        &mut self,
        name: &str,
        outcome: &Result<String, String>,
        times: &Times,
    ) -> Result<(), String> {
        let entered = cached(
            sql_query("SELECT now() AS at, cron FROM ouvira_catalog.schedules WHERE name = $1")
                .bind::<Text, _>(name),
        );
        let Entered { at, cron } = entered.get_result(self.conn().await?).await.map_err(text)?;
        let due = times.by(&cron).after(at);
        let (outcome, report) = match outcome {
            Ok(report) => ("succeeded", report),
            Err(report) => ("failed", report),
        };
        let finish = sql_query(
            "UPDATE ouvira_catalog.schedules \
                SET runner = NULL, lease_until = NULL, position = NULL, finished_at = now(), outcome = $3, report = $4, \
                    due_at = coalesce($5, 'infinity') \
              WHERE name = $1 AND runner = $2",
        );
        let finish = finish
            .bind::<Text, _>(name)
            .bind::<Text, _>(self.runner.clone())
            .bind::<Text, _>(outcome)
            .bind::<Text, _>(report)
            .bind::<Nullable<Timestamptz>, _>(due);
        cached(finish).execute(self.conn().await?).await.map(drop).map_err(text)
    }

    /// Gives a schedule back unfinished: it stays due, and whoever takes it goes on where we stopped.
    pub(super) async fn give_up(&mut self, name: &str, position: Option<Uuid>) -> Result<(), String> {
        let give_up = sql_query(
            "UPDATE ouvira_catalog.schedules SET runner = NULL, lease_until = NULL, position = $3 \
              WHERE name = $1 AND runner = $2",
        );
        let give_up = give_up
            .bind::<Text, _>(name)
            .bind::<Text, _>(self.runner.clone())
            .bind::<Nullable<SqlUuid>, _>(position);
        cached(give_up).execute(self.conn().await?).await.map(drop).map_err(text)
    }
}

/// The next tenants after `position`, of all databases.
pub(super) async fn tenants_after(
    conn: &mut AsyncPgConnection,
    position: Option<Uuid>,
    most: i64,
) -> Result<Vec<TenantId>, String> {
    let select = sql_query(
        "SELECT DISTINCT id FROM ouvira_catalog.tenant_directory WHERE id > coalesce($1, '00000000-0000-0000-0000-000000000000') \
         ORDER BY id LIMIT $2",
    );
    let select = select.bind::<Nullable<SqlUuid>, _>(position).bind::<diesel::sql_types::BigInt, _>(most);
    let rows: Vec<Id> = cached(select).load(conn).await.map_err(text)?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn text(error: diesel::result::Error) -> String {
    error.to_string()
}
