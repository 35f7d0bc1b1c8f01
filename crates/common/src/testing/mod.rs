//! What tests of every domain stand on: a real Postgres of the test process's own, fresh tenants in every placement, a
//! clock that stands still, and recording fakes of the ports. Functions here panic: a test that cannot be set up has
//! failed.

mod clock;
pub mod fakes;
mod reads;
mod server;
mod tenant;
mod wire;

pub use clock::FixedClock;
pub use server::TestServer;
pub use tenant::{TestTenant, TestUser};
pub use wire::{Cut, Wire};
