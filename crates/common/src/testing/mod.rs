//! What tests of every domain stand on: a real Postgres of the test process's own, fresh tenants in every placement, a
//! clock that stands still, and recording fakes of the ports. Functions here panic: a test that cannot be set up has
//! failed.

mod clock;
pub mod fakes;
#[cfg(feature = "http")]
mod http;
mod reads;
mod server;
mod tenant;
mod waiting;
mod wire;

pub use clock::FixedClock;
#[cfg(feature = "http")]
pub use http::{Answer, Call};
pub use server::TestServer;
pub use tenant::{TestTenant, TestUser};
pub use waiting::{becomes_so, within};
pub use wire::{Cut, Wire};
