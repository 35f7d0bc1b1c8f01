//! The service under test: the real program, reached as anybody reaches it, by its command line and by HTTP.

mod administrators;
mod build;
mod client;
mod deployment;
mod figures;
mod operator;
mod people;

pub(crate) use self::{
    administrators::{administrator, administrators},
    build::build,
    client::Client,
    deployment::Deployment,
    figures::counted,
    operator::{Operator, Placement},
    people::{Crowd, Person},
};
