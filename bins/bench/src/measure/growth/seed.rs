//! A tenant with as many rows as one likes: two people who came through the doors, everything else written by the owner of
//! the tables.

use std::net::SocketAddr;

use serde::Deserialize;
use serde_json::json;
use tokio_postgres::Client as Database;

use crate::{
    error::BenchError,
    postgres,
    service::{Client, Crowd, Deployment, Operator, Person, Placement, administrator},
};

/// Users who are named in the log, in turn.
pub(super) const ACTORS: u32 = 100;
/// Companies below one another.
const DEEP: u32 = 10;
const DEEPEST: u32 = 1_000_000_000 + DEEP;

#[derive(Deserialize)]
struct Founded {
    id: String,
}

/// The tenant.
pub(super) struct Seed {
    /// Owns the tenant.
    pub(super) admin: Person,
    /// Owns the first company, and so what is below it, and nothing else.
    pub(super) founder: Person,
    /// The first company.
    pub(super) root: String,
    tenant: String,
    owner: Database,
}

impl Seed {
    /// Makes the tenant and its two people.
    pub(super) async fn plant(deployment: &Deployment, service: SocketAddr) -> Result<Self, BenchError> {
        let operator = Operator::sign_in(deployment, service, "growth").await?;
        let admin = administrator(&operator, service, Placement::Shared, 0).await?;
        let crowd = Crowd::sign_up(service, &admin.tenant, 1).await?;
        let founder = crowd.people.into_iter().next().expect("one signed up");
        let mut client = Client::connect(service).await?;
        let root: Founded = client.call(&founder.post("/api/v1/company", &json!({ "name": "Root" }))).await?;
        let owner = postgres::connect_as_owner(&deployment.data_dir()).await?;
        owner.batch_execute("SET app.maintenance TO 'on'; SET search_path TO ouvira_shared, pg_temp").await?;
        let tenant = "SELECT id::text FROM ouvira_catalog.tenants WHERE slug = $1";
        let tenant = owner.query_one(tenant, &[&admin.tenant]).await?.get(0);
        Ok(Self { admin, founder, root: root.id, tenant, owner })
    }

    /// The id of the company `number`, from 1 on.
    pub(super) fn company(number: u32) -> String {
        uuid::Uuid::from_u128(number.into()).to_string()
    }

    /// The lowest of those below one another.
    pub(super) fn deepest() -> String {
        Self::company(DEEPEST)
    }

    /// The id of the user `number`, from 0 on.
    pub(super) fn actor(number: u32) -> String {
        uuid::Uuid::from_u128(number.into()).to_string()
    }

    /// Adds what is missing of so many rows of the log, users and companies; answers when half of the log was written.
    pub(super) async fn grow(&self, rows: u32, users: u32, companies: u32) -> Result<String, BenchError> {
        let Self { tenant, root, owner, .. } = self;
        let statements = include_str!("seed.sql")
            .replace(":tenant", &format!("'{tenant}'"))
            .replace(":root", &format!("'{root}'::uuid"))
            .replace(":rows", &rows.to_string())
            .replace(":users", &users.to_string())
            .replace(":companies", &companies.to_string())
            .replace(":actors", &ACTORS.to_string())
            .replace(":deep", &DEEP.to_string());
        owner.batch_execute(&statements).await?;
        owner.batch_execute("VACUUM ANALYZE").await?;
        let middle = "SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM activity_log \
                      WHERE request_id = $1";
        Ok(owner.query_one(middle, &[&(rows / 2).to_string()]).await?.get(0))
    }
}
