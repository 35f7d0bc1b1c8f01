//! The statement that opens every scoped transaction.

use diesel::{
    OptionalExtension as _, QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

use super::{Refusal, RightsVersion};
use crate::context::{Pass, RequestContext};

/// What the gate tells whom it lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// The version of the caller's rights, as of the gate.
    pub rights: RightsVersion,
    /// The version of the tenant's settings; a node that has cached an older one loads them anew.
    pub settings_version: i64,
}

/// `SELECT … FROM ouvira_core.gate(…)`, with the scope set in the same statement: only where there is a row.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    tenant: Uuid,
    epoch: i64,
    write: bool,
    pass: &'static str,
    pass_id: Uuid,
    principal: Uuid,
    enrolment: bool,
}

impl Gate {
    pub(super) fn new(ctx: &RequestContext, write: bool) -> Self {
        let pass = ctx.pass();
        Self {
            tenant: ctx.tenant_id().0,
            epoch: ctx.tenant().placement.epoch,
            write,
            pass: pass.as_str(),
            pass_id: pass.id(),
            principal: ctx.principal().id,
            enrolment: matches!(pass, Pass::Session { enrolment: true, .. }),
        }
    }

    /// Has the statement prepared on a new connection, so that later no first query can overtake it.
    pub(super) async fn prepare(conn: &AsyncPgConnection) -> QueryResult<()> {
        let nobody = Self {
            tenant: Uuid::nil(),
            epoch: 0,
            write: false,
            pass: "none",
            pass_id: Uuid::nil(),
            principal: Uuid::nil(),
            enrolment: false,
        };
        nobody.pass(conn).await.map(|_| ())
    }

    /// The admission; `None` when refused.
    pub(super) async fn pass(self, mut conn: &AsyncPgConnection) -> QueryResult<Option<Admission>> {
        let row: Option<(i64, i64, i64, String, String)> = self.get_result(&mut conn).await.optional()?;
        Ok(row.map(|(epoch, version, settings_version, _, _)| Admission {
            rights: RightsVersion { epoch, version },
            settings_version,
        }))
    }

    /// Why the gate gave no row.
    pub(super) async fn refusal(self, mut conn: &AsyncPgConnection) -> QueryResult<Refusal> {
        let reason: String = Explain(self).get_result(&mut conn).await?;
        Ok(match reason.as_str() {
            "placement_changed" => Refusal::PlacementChanged,
            "tenant_suspended" => Refusal::TenantSuspended,
            "enrolment_only" => Refusal::EnrolmentOnly,
            _ => Refusal::PassEnded,
        })
    }
}

impl QueryFragment<Pg> for Gate {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "SELECT g.rights_epoch, g.rights_version, g.settings_version, \
             set_config('search_path', g.schema_name || ', pg_temp', true), \
             set_config('app.tenant_id', g.tenant_id::text, true) FROM ouvira_core.gate(",
        );
        out.push_bind_param::<SqlUuid, _>(&self.tenant)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.epoch)?;
        out.push_sql(", ");
        out.push_bind_param::<Bool, _>(&self.write)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.pass)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.pass_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.principal)?;
        out.push_sql(", ");
        out.push_bind_param::<Bool, _>(&self.enrolment)?;
        out.push_sql(") g");
        Ok(())
    }
}

impl QueryId for Gate {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Gate {
    type SqlType = (BigInt, BigInt, BigInt, Text, Text);
}

impl<Conn> diesel::query_dsl::RunQueryDsl<Conn> for Gate {}

struct Explain(Gate);

impl QueryFragment<Pg> for Explain {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ouvira_core.gate_refusal(");
        out.push_bind_param::<SqlUuid, _>(&self.0.tenant)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.0.epoch)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(self.0.pass)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.0.pass_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.0.principal)?;
        out.push_sql(", ");
        out.push_bind_param::<Bool, _>(&self.0.enrolment)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for Explain {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Explain {
    type SqlType = Text;
}

impl<Conn> diesel::query_dsl::RunQueryDsl<Conn> for Explain {}
