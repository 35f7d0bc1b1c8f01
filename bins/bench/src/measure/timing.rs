//! Whether the time of an answer tells that an account exists: known and unknown ones in turn, one request at a time.

use std::time::Instant;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{Measurement, median};
use crate::{
    error::BenchError,
    load::{Connection, Request},
    report::{Aim, Finding},
    service::Crowd,
    stage::Stage,
};

/// Of one known and one unknown account.
const PAIRS: usize = 500;
/// Known accounts, in turn.
const PEOPLE: u32 = 50;

/// A request that names an account.
struct Route {
    path: &'static str,
    /// What it is answered, whoever is named.
    status: u16,
    body: fn(&str) -> Value,
}

const ROUTES: [Route; 3] = [
    Route { path: "/api/v1/auth/signup", status: 202, body: |email| json!({ "email": email }) },
    Route {
        path: "/api/v1/auth/login",
        status: 401,
        body: |email| json!({ "identifier": email, "password": "not the right one" }),
    },
    Route { path: "/api/v1/auth/password/forgot", status: 202, body: |email| json!({ "email": email }) },
];

pub(super) struct Timing;

#[async_trait(?Send)]
impl Measurement for Timing {
    fn id(&self) -> &'static str {
        "timing"
    }

    fn title(&self) -> &'static str {
        "known and unknown accounts"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("timing", PEOPLE).await?;
        for route in &ROUTES {
            let (known, unknown) = medians(stage, &crowd, route).await?;
            eprintln!("  {}: known {known:.3} ms, unknown {unknown:.3} ms", route.path);
            let name = format!("{}: median of known by unknown", route.path);
            found.push(Finding::figure(&name, known / unknown, "×").with(Aim::Between(0.95, 1.05)));
            stage.service.settle().await?;
        }
        Ok(())
    }
}

/// Median milliseconds of both.
async fn medians(stage: &Stage, crowd: &Crowd, route: &Route) -> Result<(f64, f64), BenchError> {
    let mut connection =
        Connection::open(stage.service.address()).await.map_err(BenchError::io("connect"))?;
    let host = stage.service.address().to_string();
    let (mut known, mut unknown) = (Vec::with_capacity(PAIRS), Vec::with_capacity(PAIRS));
    for pair in 0..PAIRS {
        let person = &crowd.people[pair % crowd.people.len()];
        let stranger = format!("nobody-{pair}@{}.example", crowd.tenant);
        let mut sides = [(&mut known, person.email.as_str()), (&mut unknown, stranger.as_str())];
        // Neither is always the one whose connection was used just before.
        if pair % 2 == 1 {
            sides.reverse();
        }
        for (times, email) in sides {
            let request = Request::post(route.path, &(route.body)(email)).tenant(&crowd.tenant);
            let bytes = request.to_bytes(&host);
            let sent = Instant::now();
            let answer = connection.exchange(&bytes).await;
            times.push(sent.elapsed().as_secs_f64() * 1000.0);
            let answer = answer.map_err(BenchError::io(format!("call {}", request.line())))?;
            if answer.status != route.status {
                let body = String::from_utf8_lossy(answer.body).into_owned();
                return Err(BenchError::Answer { request: request.line(), status: answer.status, body });
            }
        }
    }
    Ok((median(known.into_iter()), median(unknown.into_iter())))
}
