//! P1: `GET /account/profile`; token checked, tenant resolved, gate passed, one row.

use async_trait::async_trait;

use super::{Comparison, Measurement, Side};
use crate::{error::BenchError, load::Request, report::Finding, stage::Stage};

pub(super) struct Profile;

#[async_trait(?Send)]
impl Measurement for Profile {
    fn id(&self) -> &'static str {
        "P1"
    }

    fn title(&self) -> &'static str {
        "GET /account/profile"
    }

    async fn take(&self, stage: &Stage, found: &mut Vec<Finding>) -> Result<(), BenchError> {
        let crowd = stage.crowd("profile", stage.settings.people).await?;
        let bare: Vec<_> =
            stage.bare_people.iter().map(|id| Request::get(format!("/profile/{id}"))).collect();
        let comparison = Comparison::take(
            stage,
            &Side { server: &stage.bare, traffic: stage.repeat(&stage.bare, &bare) },
            &Side {
                server: &stage.service,
                traffic: stage.repeat(&stage.service, &crowd.get("/api/v1/account/profile")),
            },
        )
        .await?;
        found.push(Finding::ratio(self.title(), comparison, 0.55));
        Ok(())
    }
}
