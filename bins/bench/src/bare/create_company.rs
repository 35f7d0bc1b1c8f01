//! P3: five inserts in one transaction. BEGIN and the inserts go out in one flight, then COMMIT.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::{Client, Statement, types::ToSql};
use uuid::Uuid;

use super::{Failed, Pool, companies::Company};

const COMPANY: &str = "INSERT INTO bench.companies (id, name, name_folded, legal_name, tax_id, parent_id, status, version, \
    created_at, updated_at) VALUES ($1, $2, lower($2), NULL, NULL, NULL, 'active', 1, $3, $3)";
const MEMBERSHIP: &str = "INSERT INTO bench.memberships (id, user_id, company_id, status, joined_at, created_at, updated_at) \
    VALUES ($1, $2, $3, 'active', $4, $4, $4)";
const ROLE: &str = "INSERT INTO bench.membership_roles (id, membership_id, role_id, granted_by, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $5)";
const ACTIVITY: &str = "INSERT INTO bench.activity_log (id, at, retention_days, actor_kind, actor_id, action, object_kind, \
    object_id, company_id, changes, request_id, personal, salt, public_hash, personal_hash) \
    VALUES ($1, $2, 365, 'user', $3, 'company.created', 'company', $4, $4, $5, $6, $7, $8, $9, $9)";
const OUTBOX: &str =
    "INSERT INTO bench.outbox (id, topic, payload, request_id) VALUES ($1, 'company.created.v1', $2, $3)";

/// The owner's role; any id will do.
const OWNER: Uuid = Uuid::from_u128(0x6f77_6e65_7200);

pub(super) struct Statements {
    company: Statement,
    membership: Statement,
    role: Statement,
    activity: Statement,
    outbox: Statement,
}

impl Statements {
    pub(super) async fn prepare(client: &Client) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            company: client.prepare(COMPANY).await?,
            membership: client.prepare(MEMBERSHIP).await?,
            role: client.prepare(ROLE).await?,
            activity: client.prepare(ACTIVITY).await?,
            outbox: client.prepare(OUTBOX).await?,
        })
    }
}

#[derive(Deserialize)]
pub(super) struct Create {
    name: String,
}

pub(super) async fn handle(
    pool: web::Data<Pool>,
    user: web::Path<Uuid>,
    body: web::Json<Create>,
) -> Result<HttpResponse, Failed> {
    let name = body.into_inner().name;
    let user = *user;
    let (at, [id, membership, role, activity, outbox]) = stamps();
    let request = activity.to_string();

    let connection = pool.get().await;
    let client = &connection.client;
    let statements = &connection.create_company;
    let changes = json!({ "name": { "from": Value::Null, "to": name }, "status": { "from": Value::Null, "to": "active" } });
    let personal = json!({ "tax_id": { "from": Value::Null, "to": Value::Null }, "label": name });
    let event = json!({ "company_id": id, "parent_id": Value::Null, "name": name });
    let (salt, hash): (&[u8], &[u8]) = (&[7; 16], &[9; 32]);
    // Each is sent when it is first polled, in this order.
    let flight = futures_util::join!(
        client.batch_execute("BEGIN"),
        async { client.execute(&statements.company, &[&id, &name, &at]).await },
        async { client.execute(&statements.membership, &[&membership, &user, &id, &at]).await },
        async { client.execute(&statements.role, &[&role, &membership, &OWNER, &user, &at]).await },
        async {
            let values: [&(dyn ToSql + Sync); 9] =
                [&activity, &at, &user, &id, &changes, &request, &personal, &salt, &hash];
            client.execute(&statements.activity, &values).await
        },
        async { client.execute(&statements.outbox, &[&outbox, &event, &request]).await },
    );
    // The connection must be fit for the next request, whatever became of the inserts: COMMIT ends a failed one too.
    let committed = client.batch_execute("COMMIT").await;
    flight.0?;
    for inserted in [flight.1, flight.2, flight.3, flight.4, flight.5] {
        inserted?;
    }
    committed?;
    Ok(HttpResponse::Created().json(Company {
        id,
        name: &name,
        legal_name: None,
        tax_id: None,
        parent_id: None,
        status: "active",
        created_at: at,
        updated_at: at,
        version: 1,
    }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the yardstick is measured, not tested: nobody has to set its clock"
)]
fn stamps() -> (DateTime<Utc>, [Uuid; 5]) {
    (Utc::now(), std::array::from_fn(|_| Uuid::now_v7()))
}
