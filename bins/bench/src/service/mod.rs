//! The service under test: the real program, reached as anybody reaches it, by its command line and by HTTP.

mod build;
mod client;
mod deployment;
mod operator;
mod people;

pub(crate) use self::{
    build::build,
    client::Client,
    deployment::Deployment,
    operator::Operator,
    people::{Crowd, Person},
};
