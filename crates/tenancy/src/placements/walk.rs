//! Through the placements, one after the other.

use diesel_async::AsyncPgConnection;

use super::{Place, Placements, Selection, store};
use crate::error::TenancyError;

/// A connection for all placements of the common database, and one at a time for an own database.
pub(super) struct Walk<'a> {
    placements: &'a Placements,
    common: AsyncPgConnection,
    own: Option<AsyncPgConnection>,
    /// Those still to come, the next one last.
    places: Vec<Place>,
}

impl Placements {
    /// Through the placements that are made, with a connection to each. Errors: [`TenancyError::NotFound`] when there is
    /// none.
    pub(super) async fn walk(&self, selection: Selection) -> Result<Walk<'_>, TenancyError> {
        let mut conn = self.connection(None).await?;
        let mut places = store::made(&mut conn, selection).await?;
        if places.is_empty() {
            return Err(TenancyError::NotFound);
        }
        places.reverse();
        Ok(Walk { placements: self, common: conn, own: None, places })
    }
}

impl Walk<'_> {
    /// The next placement, and the connection to it or why there is none.
    pub(super) async fn next(&mut self) -> Option<(Place, Result<&mut AsyncPgConnection, TenancyError>)> {
        let place = self.places.pop()?;
        let Some(database) = &place.database else { return Some((place, Ok(&mut self.common))) };
        match self.placements.connection(Some(database)).await {
            Ok(conn) => Some((place, Ok(self.own.insert(conn)))),
            Err(error) => Some((place, Err(error))),
        }
    }
}
