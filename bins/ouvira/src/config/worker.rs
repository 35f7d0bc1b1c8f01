//! What the worker does, and when.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::source::{Refusal, Source};
use crate::worker::{Schedule, Times, schedules};

/// The worker's part.
#[derive(Debug)]
pub(crate) struct WorkerConfig {
    /// `SCHEDULES`: expressions that replace the defaults; `None` for what is not done at all.
    schedules: HashMap<String, Option<String>>,
}

impl WorkerConfig {
    pub(super) fn read(source: &mut Source<'_>) -> Self {
        let schedules = source.optional("SCHEDULES", replaced).unwrap_or_default();
        Self { schedules }
    }

    /// What is done by the clock, with its expression and its times in `zone`.
    pub(crate) fn schedules(&self, zone: Tz) -> Vec<(Schedule, String, Times)> {
        let timed = |schedule: Schedule| {
            let expression = match self.schedules.get(schedule.name()) {
                None => schedule.default_cron().to_owned(),
                Some(replaced) => replaced.clone()?,
            };
            let times = Times::parse(&expression, zone).expect("expressions were checked");
            Some((schedule, expression, times))
        };
        schedules().into_iter().filter_map(timed).collect()
    }
}

/// `name=expression; name=off`.
fn replaced(text: &str) -> Result<HashMap<String, Option<String>>, Refusal> {
    let mut replaced = HashMap::new();
    for item in text.split(';').map(str::trim).filter(|item| !item.is_empty()) {
        let (name, expression) =
            item.split_once('=').ok_or("must hold items such as tenants.finish=*/5 * * * *")?;
        let (name, expression) = (name.trim(), expression.trim());
        if !schedules().iter().any(|schedule| schedule.name() == name) {
            return Err(format!("names a schedule that is not there: {name}"));
        }
        if expression == "off" {
            replaced.insert(name.to_owned(), None);
        } else {
            Times::parse(expression, Tz::UTC)
                .map_err(|error| format!("has an expression that is none for {name}: {error}"))?;
            replaced.insert(name.to_owned(), Some(expression.to_owned()));
        }
    }
    Ok(replaced)
}
