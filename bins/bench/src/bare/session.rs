//! P7: one prepared SELECT.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::{Failed, Pool};

const SELECT: &str = "SELECT user_id, authenticated_at, expires_at FROM bench.sessions WHERE id = $1";

pub(super) struct Statements {
    select: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { select: client.prepare(SELECT).await? })
    }
}

/// What `GET /account/session-tests` answers.
#[derive(Serialize)]
struct Session {
    user_id: Uuid,
    #[serde(rename = "session_id")]
    id: Uuid,
    tenant: &'static str,
    authenticated_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

pub(super) async fn handle(pool: web::Data<Pool>, session: web::Path<Uuid>) -> Result<HttpResponse, Failed> {
    let connection = pool.get().await;
    let row = connection.client.query_one(&connection.session.select, &[&*session]).await?;
    Ok(HttpResponse::Ok().json(Session {
        user_id: row.get(0),
        id: *session,
        tenant: "bench",
        authenticated_at: row.get(1),
        expires_at: row.get(2),
    }))
}
