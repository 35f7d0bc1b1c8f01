//! The tables of this domain; only the files of this module speak diesel.

pub(crate) mod companies;
pub(crate) mod evidence;
pub(crate) mod facts;
pub(crate) mod invitations;
pub(crate) mod memberships;
pub(crate) mod object_grants;
pub(crate) mod owners;
pub(crate) mod permissions;
pub(crate) mod role_permissions;
pub(crate) mod roles;
pub(crate) mod user_roles;

use diesel::{
    QueryResult,
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    sql_types::BigInt,
};
use diesel_async::RunQueryDsl as _;
use ouvira_common::db::{DbError, Tx, cached};

/// A row that the checks of its table do not let in.
fn corrupt(what: &str) -> DbError {
    DbError::Query(diesel::result::Error::DeserializationError(format!("a row has an unknown {what}").into()))
}

/// `SELECT count(*)` of a query's rows that stops at a limit.
#[derive(QueryId)]
struct CountTo<T> {
    of: T,
    limit: i64,
}

impl<T: QueryFragment<Pg>> QueryFragment<Pg> for CountTo<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.of.walk_ast(out.reborrow())?;
        out.push_sql(" LIMIT ");
        out.push_bind_param::<BigInt, _>(&self.limit)?;
        out.push_sql(") counted");
        Ok(())
    }
}

impl<T> Query for CountTo<T> {
    type SqlType = BigInt;
}

impl<T, Conn> diesel::query_dsl::RunQueryDsl<Conn> for CountTo<T> {}

/// How many rows `of` has, counted to `limit`.
async fn count_to<T>(tx: &mut Tx, of: T, limit: i64) -> Result<i64, DbError>
where
    T: QueryFragment<Pg> + QueryId + Send + 'static,
{
    Ok(cached(CountTo { of, limit }).get_result(tx).await?)
}
