//! P7: a signed-in route that needs the gate and nothing else.

use async_trait::async_trait;

use super::{Comparison, Measurement, Side};
use crate::{error::BenchError, load::Request, report::Finding, stage::Stage};

pub(super) struct Session;

#[async_trait(?Send)]
impl Measurement for Session {
    fn id(&self) -> &'static str {
        "P7"
    }

    fn title(&self) -> &'static str {
        "GET /account/session-tests"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("session", stage.settings.people).await?;
        let bare: Vec<_> =
            stage.bare_people.iter().map(|id| Request::get(format!("/session/{id}"))).collect();
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: stage.repeat(&stage.bare, &bare) },
            &Side {
                server: &stage.service,
                traffic: stage.repeat(&stage.service, &crowd.get("/api/v1/account/session-tests")),
            },
        )
        .await?;
        found.push(Finding::ratio(self.title(), comparison, 0.6));
        Ok(())
    }
}
