//! P1: one row by its key.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use super::{Failed, Pool};

const SELECT: &str = "SELECT id, email, email_verified, phone, phone_verified, first_name, last_name, locale, timezone, \
    active, two_factor_enabled, last_login_at, created_at, updated_at, version FROM bench.users WHERE id = $1";

pub(super) struct Statements {
    select: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { select: client.prepare(SELECT).await? })
    }
}

/// The members of `User` in the REST contract.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "the contract has them")]
struct User<'a> {
    id: Uuid,
    email: Option<&'a str>,
    email_verified: bool,
    phone: Option<&'a str>,
    phone_verified: bool,
    first_name: &'a str,
    last_name: &'a str,
    locale: &'a str,
    timezone: &'a str,
    is_active: bool,
    two_factor_enabled: bool,
    last_login_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl<'a> User<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            id: row.get(0),
            email: row.get(1),
            email_verified: row.get(2),
            phone: row.get(3),
            phone_verified: row.get(4),
            first_name: row.get(5),
            last_name: row.get(6),
            locale: row.get(7),
            timezone: row.get(8),
            is_active: row.get(9),
            two_factor_enabled: row.get(10),
            last_login_at: row.get(11),
            created_at: row.get(12),
            updated_at: row.get(13),
            version: row.get(14),
        }
    }
}

pub(super) async fn handle(pool: web::Data<Pool>, user: web::Path<Uuid>) -> Result<HttpResponse, Failed> {
    let connection = pool.get().await;
    let row = connection.client.query_one(&connection.profile.select, &[&*user]).await?;
    Ok(HttpResponse::Ok().json(User::of(&row)))
}
