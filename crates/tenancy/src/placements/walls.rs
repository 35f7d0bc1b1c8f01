//! The row-level security of the fleet: printed, checked, applied (T9).

use std::fmt::Write as _;

use diesel_async::AsyncConnection as _;
use ouvira_common::{db::DbError, rls};

use super::{Placements, Selection};
use crate::error::TenancyError;

impl Placements {
    /// The SQL of the policies, placement by placement, as [`Self::rls_apply`] would run it.
    pub async fn rls_print(&self, selection: Selection) -> Result<String, TenancyError> {
        let mut sql = String::new();
        let mut walk = self.walk(selection).await?;
        while let Some((place, conn)) = walk.next().await {
            let statements = rls::print(conn?, &place.schema, place.tenant).await?;
            write!(sql, "-- {place}\n{statements}").expect("a String takes everything");
        }
        Ok(sql)
    }

    /// What is wrong with the policies, a line each; nothing when all is well. A database that cannot be reached is a
    /// fault too.
    pub async fn rls_check(&self, selection: Selection) -> Result<Vec<String>, TenancyError> {
        let mut faults = Vec::new();
        let mut walk = self.walk(selection).await?;
        while let Some((place, conn)) = walk.next().await {
            match conn {
                Ok(conn) => {
                    let found = rls::check(conn, &place.schema, place.tenant).await?;
                    let database = place.database.as_ref().map(|name| format!("{name}.")).unwrap_or_default();
                    faults.extend(found.into_iter().map(|fault| format!("{database}{fault}")));
                }
                Err(error) => faults.push(format!("{place}: {error}")),
            }
        }
        Ok(faults)
    }

    /// Writes the policies anew; answers how many placements have them now. Each placement is one transaction.
    pub async fn rls_apply(&self, selection: Selection) -> Result<usize, TenancyError> {
        let mut applied = 0;
        let mut walk = self.walk(selection).await?;
        while let Some((place, conn)) = walk.next().await {
            conn?
                .transaction(async |conn| {
                    rls::apply(conn, &place.schema, place.tenant).await?;
                    Ok::<_, DbError>(())
                })
                .await?;
            applied += 1;
        }
        Ok(applied)
    }
}
