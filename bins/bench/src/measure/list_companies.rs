//! P2: `GET /company`, 20 rows, permission checked.

use async_trait::async_trait;
use futures_util::future::try_join_all;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;

use super::{Comparison, Measurement, Side};
use crate::{
    error::BenchError,
    load::Request,
    report::Finding,
    service::{Client, Person},
    stage::{COMPANIES, OWNERS, Stage},
};

const PATH: &str = "/api/v1/company";

pub(super) struct ListCompanies;

#[derive(Deserialize)]
struct Page {
    items: Vec<IgnoredAny>,
}

#[async_trait(?Send)]
impl Measurement for ListCompanies {
    fn id(&self) -> &'static str {
        "P2"
    }

    fn title(&self) -> &'static str {
        "GET /company, 20 rows"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("list", OWNERS).await?;
        try_join_all(crowd.people.iter().enumerate().map(|(n, person)| found_companies(stage, person, n)))
            .await?;
        let owners = stage.bare_people.iter().take(OWNERS as usize);
        let bare: Vec<_> = owners.map(|id| Request::get(format!("/users/{id}/companies"))).collect();
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: stage.repeat(&stage.bare, &bare) },
            &Side { server: &stage.service, traffic: stage.repeat(&stage.service, &crowd.get(PATH)) },
        )
        .await?;
        found.push(Finding::ratio(self.title(), comparison, 0.6));
        Ok(())
    }
}

async fn found_companies(stage: &Stage, person: &Person, number: usize) -> Result<(), BenchError> {
    let mut client = Client::connect(stage.service.address()).await?;
    for company in 1..=COMPANIES {
        let body = json!({ "name": format!("Company {company} of {number}") });
        let _: IgnoredAny = client.call(&person.post(PATH, &body)).await?;
    }
    let page: Page = client.call(&person.get(PATH)).await?;
    if page.items.len() == COMPANIES as usize {
        return Ok(());
    }
    let reason = format!("{} of {COMPANIES} companies", page.items.len());
    Err(BenchError::Unreadable { request: format!("GET {PATH}"), reason })
}
