//! Many tenants with one person each: the administrator that they were made with, signed in by password.

use std::net::SocketAddr;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::de::IgnoredAny;

use super::{Client, Operator, Person, Placement, people::SignedIn};
use crate::error::BenchError;

const PASSWORD: &str = "measure twice, cut once, then measure";
/// Tenants made side by side; what takes their time is two password hashes each.
const PARALLEL: usize = 4;

/// Makes `number` tenants and signs the first administrator of each in.
pub(crate) async fn administrators(
    operator: &Operator,
    service: SocketAddr,
    placement: Placement,
    number: u32,
) -> Result<Vec<Person>, BenchError> {
    stream::iter(0..number)
        .map(|n| administrator(operator, service, placement, n))
        .buffered(PARALLEL)
        .try_collect()
        .await
}

/// Makes one tenant and signs its first administrator in.
pub(crate) async fn administrator(
    operator: &Operator,
    service: SocketAddr,
    placement: Placement,
    number: u32,
) -> Result<Person, BenchError> {
    let tenant = format!("bench-{}-{number}", placement.as_str());
    let email = format!("admin@{tenant}.example");
    let mut client = Client::connect(service).await?;
    let _: IgnoredAny = client.call(&operator.new_tenant(&tenant, placement, Some(PASSWORD))).await?;
    let mut person = Person { tenant, email, password: PASSWORD.to_owned(), ..Person::default() };
    let SignedIn { access_token, refresh_token } = client.call(&person.login()).await?;
    person.access_token = access_token;
    person.refresh_token = refresh_token;
    Ok(person)
}
