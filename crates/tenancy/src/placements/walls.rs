//! The row-level security of the fleet: printed, checked, applied (T9).

use std::fmt::Write as _;

use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use ouvira_common::{db::DbError, rls};

use super::{Place, Placements, Selection, store};
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

    /// Through the placements that are made, with a connection to each.
    async fn walk(&self, selection: Selection) -> Result<Walk<'_>, TenancyError> {
        let mut conn = self.connection(None).await?;
        let mut places = store::made(&mut conn, selection).await?;
        if places.is_empty() {
            return Err(TenancyError::NotFound);
        }
        places.reverse();
        Ok(Walk { placements: self, common: conn, own: None, places })
    }
}

/// A connection for all placements of the common database, and one at a time for an own database.
struct Walk<'a> {
    placements: &'a Placements,
    common: AsyncPgConnection,
    own: Option<AsyncPgConnection>,
    /// Those still to come, the next one last.
    places: Vec<Place>,
}

impl Walk<'_> {
    async fn next(&mut self) -> Option<(Place, Result<&mut AsyncPgConnection, TenancyError>)> {
        let place = self.places.pop()?;
        let Some(database) = &place.database else { return Some((place, Ok(&mut self.common))) };
        match self.placements.connection(Some(database)).await {
            Ok(conn) => Some((place, Ok(self.own.insert(conn)))),
            Err(error) => Some((place, Err(error))),
        }
    }
}
