//! P2: twenty rows by their keys, the newest first. Which ones are a user's, the service knows from a snapshot in memory; so
//! does this.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

use super::{Failed, Pool, pool::Prepared};

const OF_USER: &str = "SELECT company_id FROM bench.memberships WHERE user_id = $1";
const SELECT: &str = "SELECT id, name, legal_name, tax_id, parent_id, status, version, created_at, updated_at \
    FROM bench.companies WHERE deleted_at IS NULL AND id = ANY ($1) ORDER BY id DESC LIMIT 21";

pub(super) struct Statements {
    of_user: Statement,
    select: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self { of_user: client.prepare(OF_USER).await?, select: client.prepare(SELECT).await? })
    }
}

/// The members of `Company` in the REST contract.
#[derive(Serialize)]
pub(super) struct Company<'a> {
    pub(super) id: Uuid,
    pub(super) name: &'a str,
    pub(super) legal_name: Option<&'a str>,
    pub(super) tax_id: Option<&'a str>,
    pub(super) parent_id: Option<Uuid>,
    pub(super) status: &'a str,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    pub(super) version: i64,
}

#[derive(Serialize)]
struct Page<'a> {
    items: Vec<Company<'a>>,
    next_cursor: Option<String>,
}

impl<'a> Company<'a> {
    fn of(row: &'a Row) -> Self {
        Self {
            id: row.get(0),
            name: row.get(1),
            legal_name: row.get(2),
            tax_id: row.get(3),
            parent_id: row.get(4),
            status: row.get(5),
            version: row.get(6),
            created_at: row.get(7),
            updated_at: row.get(8),
        }
    }
}

thread_local! {
    static MEMBERSHIPS: RefCell<HashMap<Uuid, Rc<[Uuid]>>> = RefCell::default();
}

pub(super) async fn handle(pool: web::Data<Pool>, user: web::Path<Uuid>) -> Result<HttpResponse, Failed> {
    let connection = pool.get().await;
    let ids = companies_of(&connection, *user).await?;
    let rows = connection.client.query(&connection.companies.select, &[&&ids[..]]).await?;
    let items = rows.iter().map(Company::of).collect();
    Ok(HttpResponse::Ok().json(Page { items, next_cursor: None }))
}

/// Asked once for each user and thread.
async fn companies_of(connection: &Prepared, user: Uuid) -> Result<Rc<[Uuid]>, Failed> {
    if let Some(known) = MEMBERSHIPS.with_borrow(|all| all.get(&user).cloned()) {
        return Ok(known);
    }
    let rows = connection.client.query(&connection.companies.of_user, &[&user]).await?;
    let ids: Rc<[Uuid]> = rows.iter().map(|row| row.get(0)).collect();
    MEMBERSHIPS.with_borrow_mut(|all| all.insert(user, Rc::clone(&ids)));
    Ok(ids)
}
