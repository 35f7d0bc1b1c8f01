//! `ouvira outbox dead list|replay`: events that were given up.

use clap::{Args, Subcommand};
use diesel::{
    QueryableByName, sql_query,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::{
    db::{Endpoint, connect},
    id::TenantId,
    time::Timestamp,
};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::{Answer, CommandError, worker::InDirectory};
use crate::{config::Config, platform::Platform, worker::OwnDatabases as _};

/// What is in the outboxes.
#[derive(Debug, Subcommand)]
pub(super) enum Outbox {
    /// Events that were given up.
    #[command(subcommand)]
    Dead(Dead),
}

#[derive(Debug, Subcommand)]
pub(super) enum Dead {
    /// List them, the newest first.
    List(Chosen),
    /// Have them handled again, from the first attempt on.
    Replay(Replay),
}

/// Which of them.
#[derive(Debug, Args)]
pub(super) struct Chosen {
    /// Only those of this tenant, by its id.
    #[arg(long)]
    tenant: Option<Uuid>,
    /// Only those of this topic, such as message.requested.v1.
    #[arg(long)]
    topic: Option<String>,
    /// Only this one.
    #[arg(long)]
    id: Option<Uuid>,
    /// At most so many of each database.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=100_000))]
    limit: i64,
}

/// Which are to be handled again.
#[derive(Debug, Args)]
pub(super) struct Replay {
    #[command(flatten)]
    chosen: Chosen,
    /// All of them, when nothing else says which.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, QueryableByName, Serialize)]
struct DeadEvent {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    topic: String,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = Nullable<Text>)]
    error: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    created_at: Timestamp,
    #[diesel(sql_type = Timestamptz)]
    dead_at: Timestamp,
    /// The tenant's own database, where it has one.
    #[diesel(sql_type = Nullable<Text>)]
    database: Option<String>,
}

const CHOSEN: &str = "SELECT id FROM ouvira_core.outbox WHERE dead_at IS NOT NULL AND done_at IS NULL \
    AND ($1 IS NULL OR tenant_id = $1) AND ($2 IS NULL OR topic = $2) AND ($3 IS NULL OR id = $3) ORDER BY dead_at DESC LIMIT $4";
const RETURNED: &str = "o.id, o.tenant_id, o.topic, o.attempts, o.last_error AS error, o.created_at";

impl Outbox {
    /// Does what was asked, in every database.
    pub(super) fn run(self, config: &Config) -> Result<Answer, CommandError> {
        let platform = Platform::open(config)?;
        let Self::Dead(dead) = self;
        super::block_on(async {
            let (sql, chosen, done) = match &dead {
                Dead::List(chosen) => (
                    format!(
                        "SELECT {RETURNED}, o.dead_at, $5::text AS database FROM ouvira_core.outbox o \
                          WHERE o.id IN ({CHOSEN}) ORDER BY o.dead_at DESC"
                    ),
                    chosen,
                    "given up",
                ),
                Dead::Replay(Replay { chosen, all }) => {
                    if !all && chosen.tenant.is_none() && chosen.topic.is_none() && chosen.id.is_none() {
                        return Err(CommandError::internal(&"say which: --id, --tenant, --topic, or --all"));
                    }
                    (
                        format!(
                            "WITH chosen AS ({CHOSEN}), before AS (SELECT {RETURNED}, o.dead_at FROM ouvira_core.outbox o \
                                 WHERE o.id IN (SELECT id FROM chosen)), \
                             again AS (UPDATE ouvira_core.outbox o SET dead_at = NULL, attempts = 0, available_at = now() \
                                 WHERE o.id IN (SELECT id FROM chosen) RETURNING o.id) \
                             SELECT before.*, $5::text AS database FROM before JOIN again ON again.id = before.id"
                        ),
                        chosen,
                        "to be handled again",
                    )
                }
            };
            let worker = Platform::need(platform.worker.as_ref());
            let own = InDirectory(Platform::need(platform.app.as_ref())).names().await;
            let own = own.map_err(|error| CommandError::internal(&error))?;
            let mut found = Vec::new();
            for database in std::iter::once(None).chain(own.into_iter().map(Some)) {
                found.extend(ask(&worker, database.as_deref(), &sql, chosen).await?);
            }
            Ok(told(&found, done))
        })?
    }
}

async fn ask(
    worker: &Endpoint,
    database: Option<&str>,
    sql: &str,
    chosen: &Chosen,
) -> Result<Vec<DeadEvent>, CommandError> {
    let mut conn = connect(worker, database).await.map_err(|error| CommandError::internal(&error))?;
    sql_query(sql)
        .bind::<Nullable<SqlUuid>, _>(chosen.tenant)
        .bind::<Nullable<Text>, _>(chosen.topic.as_deref())
        .bind::<Nullable<SqlUuid>, _>(chosen.id)
        .bind::<BigInt, _>(chosen.limit)
        .bind::<Nullable<Text>, _>(database)
        .load(&mut conn)
        .await
        .map_err(|error| CommandError::internal(&error))
}

/// A line each; what was in an event is not shown.
fn told(found: &[DeadEvent], done: &str) -> Answer {
    let line = |event: &DeadEvent| {
        let DeadEvent { id, tenant_id, topic, attempts, error, dead_at, .. } = event;
        let dead_at = dead_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let error = error.as_deref().unwrap_or("no reason is known");
        format!("{id}  {dead_at}  tenant {tenant_id}  {topic}  {attempts} attempts: {error}\n")
    };
    let people = format!("{}{} events {done}", found.iter().map(line).collect::<String>(), found.len());
    Answer::new(people, json!({"items": found}))
}
