//! The only ways to the database: [`Db::read`] and [`Db::write`] open a transaction that has passed the gate, and only the
//! [`Tx`] they hand out runs a query. How it goes over the wire is in [`tx`](self::Tx).

mod cached;
mod claim;
mod deferred;
mod error;
mod gate;
mod meter;
mod pool;
mod quota;
mod rights;
mod run;
mod session;
mod tx;

pub use cached::{Cached, cached};
pub(crate) use claim::Pending;
pub use error::{DbError, KeyRefusal, Refusal};
pub use gate::Admission;
pub use meter::{Reading, metered};
pub use pool::{ConnectError, Connections, Endpoint, Pools, connect};
pub use quota::{HeldQuota, Quota};
pub use rights::RightsVersion;
pub use run::{Db, Work};
pub use session::{EXTEND_SESSION, FORGET_SESSIONS, SessionScope};
pub use tx::Tx;
