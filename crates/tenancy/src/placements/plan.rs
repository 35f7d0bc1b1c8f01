//! What a run over the fleet would do.

use std::collections::HashSet;

use diesel_async::AsyncPgConnection;
use ouvira_common::migration::{CORE, Migration, applied};

use super::{Place, Placements, prepare::CORE_SCHEMA, store};
use crate::{
    catalog::{CATALOG, CATALOG_SCHEMA},
    error::TenancyError,
    history::History,
    model::SHARED_SCHEMA,
};

/// Versions that a schema does not have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// `<database>.<schema>`, or the schema alone in the common database.
    pub place: String,
    /// The versions, in the order in which they would be applied; empty when only the catalog's note is out of date.
    pub versions: Vec<&'static str>,
}

impl Placements {
    /// What [`Self::migrate`] would apply, after the ledgers themselves; nothing when all are at the present.
    pub async fn plan(&self) -> Result<Vec<Pending>, TenancyError> {
        let mut common = self.connection(None).await?;
        let mut plan = Vec::new();
        for (schema, history) in fixed(&self.history) {
            let versions = missing(applied(&mut common, schema).await?, history);
            if !versions.is_empty() {
                plan.push(Pending { place: schema.to_owned(), versions });
            }
        }
        // Without a catalog there is no fleet.
        if plan.iter().any(|pending| pending.place == CATALOG_SCHEMA) {
            return Ok(plan);
        }
        for place in store::pending(&mut common, self.history.fingerprint()).await? {
            let mut conn = self.connection(place.database.as_deref()).await?;
            let versions = missing_at(&mut conn, &place, &self.history).await?;
            plan.push(Pending { place: place.to_string(), versions });
        }
        Ok(plan)
    }
}

/// The schemas that there is one of, with what they are made of.
pub(crate) fn fixed(history: &History) -> impl Iterator<Item = (&str, &[Migration])> {
    [(CORE_SCHEMA, CORE), (CATALOG_SCHEMA, CATALOG), (SHARED_SCHEMA, history.migrations())]
        .into_iter()
        .chain(history.common().iter().copied())
}

/// Versions that the placement behind `conn` lacks, after its ledgers.
pub(super) async fn missing_at(
    conn: &mut AsyncPgConnection,
    place: &Place,
    history: &History,
) -> Result<Vec<&'static str>, TenancyError> {
    let mut versions = match place.database {
        Some(_) => missing(applied(conn, CORE_SCHEMA).await?, CORE),
        None => Vec::new(),
    };
    versions.extend(missing(applied(conn, &place.schema).await?, history.migrations()));
    Ok(versions)
}

fn missing(applied: Vec<String>, history: &[Migration]) -> Vec<&'static str> {
    let applied: HashSet<String> = applied.into_iter().collect();
    history.iter().map(|migration| migration.version).filter(|version| !applied.contains(*version)).collect()
}
