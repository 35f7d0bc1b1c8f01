//! Making and migrating the places where tenants' tables live. All of it as `ouvira_owner`, so none of it in `serve`.

pub(crate) mod erase;
mod fleet;
mod make;
mod place;
mod plan;
mod prepare;
mod recount;
mod rows;
mod spare;
mod status;
pub(crate) mod store;
mod walk;
mod walls;

use diesel_async::AsyncPgConnection;
use ouvira_common::db::{Endpoint, connect};

use crate::{error::TenancyError, history::History};

pub use fleet::FleetReport;
pub use place::{Place, Selection};
pub use plan::Pending;
pub(crate) use plan::fixed;
pub use prepare::Prepared;
pub use status::FleetStatus;

/// The owner's hand on all placements. Cheap to clone.
#[derive(Clone)]
pub struct Placements {
    owner: Endpoint,
    history: History,
}

impl Placements {
    /// Placements behind `owner`, which names the role `ouvira_owner` and the catalog's database; `history` is the union
    /// of the domains' migrations and the composition's.
    pub fn new(owner: &Endpoint, history: History) -> Self {
        Self { owner: owner.clone(), history }
    }

    /// What a placement is made of.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// A connection as the owner, to `database` or to the catalog's.
    pub(crate) async fn connection(&self, database: Option<&str>) -> Result<AsyncPgConnection, TenancyError> {
        Ok(connect(&self.owner, database).await?)
    }
}
