//! P5: a session goes on from one token to the next; two updates in one transaction.

use actix_web::{HttpResponse, error::ErrorUnauthorized, web};
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::{Failed, Pool};

const ROTATE: &str = "UPDATE bench.refreshed_sessions SET n = n + 1, rotated_at = now(), last_used_at = now(), \
    expires_at = least(absolute_expires_at, now() + interval '30 days'), ip = $3, user_agent = $4, updated_at = now() \
    WHERE id = $1 AND n = $2 AND ended_at IS NULL AND expires_at > now() \
    RETURNING user_id, scope, amr, auth_time, secret_sealed, n, rotated_at, expires_at, ended_at";
const EXTEND: &str = "UPDATE bench.gate_sessions SET scope = 'full', expires_at = now() + interval '30 days' \
    WHERE session_id = $1 AND revoked_at IS NULL";

pub(super) struct Statements {
    rotate: Statement,
    extend: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { rotate: client.prepare(ROTATE).await?, extend: client.prepare(EXTEND).await? })
    }
}

#[derive(Deserialize)]
pub(super) struct Refresh {
    refresh_token: String,
}

#[derive(Serialize)]
struct Refreshed {
    refresh_token: String,
    expires_in: u32,
}

pub(super) async fn handle(
    pool: web::Data<Pool>,
    body: web::Json<Refresh>,
) -> actix_web::Result<HttpResponse> {
    let (session, n) = parse(&body.refresh_token).ok_or_else(|| ErrorUnauthorized("no token"))?;
    let rotated = rotate(&pool, session, n).await?;
    let n = rotated.ok_or_else(|| ErrorUnauthorized("not the present token"))?;
    Ok(HttpResponse::Ok().json(Refreshed { refresh_token: format!("{session}.{n}"), expires_in: 900 }))
}

fn parse(token: &str) -> Option<(Uuid, i64)> {
    let (session, n) = token.split_once('.')?;
    Some((session.parse().ok()?, n.parse().ok()?))
}

/// The number of the next token, if `n` is the present one.
async fn rotate(pool: &Pool, session: Uuid, n: i64) -> Result<Option<i64>, Failed> {
    let connection = pool.get().await;
    let client = &connection.client;
    let statements = &connection.refresh;
    let (ip, agent) = (None::<std::net::IpAddr>, "bench");
    // Each is sent when it is first polled, in this order.
    let flight = futures_util::join!(
        client.batch_execute("BEGIN"),
        async { client.query_opt(&statements.rotate, &[&session, &n, &ip, &agent]).await },
        async { client.execute(&statements.extend, &[&session]).await },
    );
    let committed = client.batch_execute("COMMIT").await;
    flight.0?;
    flight.2?;
    committed?;
    Ok(flight.1?.map(|row| row.get(5)))
}
