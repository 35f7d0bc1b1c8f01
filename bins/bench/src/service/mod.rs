//! The service under test: the real program, reached as anybody reaches it, by its command line and by HTTP.

mod administrators;
mod build;
mod client;
mod deployment;
mod people;

pub(crate) use self::{
    administrators::administrators,
    build::build,
    client::Client,
    deployment::Deployment,
    people::{Crowd, Person},
};
