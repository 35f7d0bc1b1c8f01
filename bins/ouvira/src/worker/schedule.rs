//! What is done by the clock: a name, a cron expression, a chore.

use std::{fmt::Display, sync::Arc};

use chrono_tz::Tz;
use croner::{
    Cron,
    parser::{CronParser, Seconds},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use ouvira_common::{
    context::RequestContext,
    time::{Clock, Timestamp},
};
use ouvira_tenancy::{Operators, Placements};

use super::Logs;
use crate::node::Services;

/// What chores work with.
pub(crate) struct Hands {
    /// The use cases of all domains.
    pub(crate) services: Services,
    /// Who runs the platform.
    pub(crate) operators: Operators,
    /// The owner's hand, where the process has it.
    pub(crate) placements: Option<Placements>,
    /// Sealing of the logs, and for how long they are kept.
    pub(crate) logs: Logs,
    /// Tells the time.
    pub(crate) clock: Arc<dyn Clock>,
}

/// Whether a tenant's chore has more to do than one turn takes. Turns are short (a batch of rows): all other tenants have
/// theirs before a next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// It is done.
    Nothing,
    /// It wants another turn.
    More,
}

impl Left {
    /// Another turn is wanted when this one handled a whole batch of `most`.
    pub(super) fn after(handled: usize, most: u16) -> Self {
        if handled < usize::from(most) { Self::Nothing } else { Self::More }
    }
}

type PlatformChore = Box<dyn Fn(Arc<Hands>) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;
pub(super) type TenantChore =
    Box<dyn Fn(Arc<Hands>, RequestContext) -> BoxFuture<'static, Result<Left, String>> + Send + Sync>;

/// Whose chore it is.
pub(super) enum Chore {
    /// The platform's: once.
    Platform(PlatformChore),
    /// Each tenant's: a turn, as a job of that tenant, for every tenant of every database.
    OfTenants(TenantChore),
}

/// A chore and when it is done. However many workers there are, it is done once at a time.
pub(crate) struct Schedule {
    /// `<domain>.<what>`, such as `tenants.finish`: the name in the catalog, in the log and in `SCHEDULES`.
    pub(super) name: &'static str,
    /// Minute, hour, day, month, weekday, with seconds in front if there are six; in the zone `TIME_ZONE`.
    pub(super) cron: &'static str,
    /// What is done.
    pub(super) run: Chore,
}

impl Schedule {
    /// Its name.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// When it is done unless `SCHEDULES` says otherwise.
    pub(crate) fn default_cron(&self) -> &'static str {
        self.cron
    }

    /// A chore of the platform.
    pub(super) fn platform<F, R, E>(name: &'static str, cron: &'static str, run: F) -> Self
    where
        F: Fn(Arc<Hands>) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), E>> + Send + 'static,
        E: Display,
    {
        let run = move |hands| run(hands).map(|done| done.map_err(|error| error.to_string())).boxed();
        Self { name, cron, run: Chore::Platform(Box::new(run)) }
    }

    /// A chore of every tenant: `run` does one turn of one tenant. One that fails keeps no other from its own.
    pub(super) fn of_tenants<F, R, E>(name: &'static str, cron: &'static str, run: F) -> Self
    where
        F: Fn(Arc<Hands>, RequestContext) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Left, E>> + Send + 'static,
        E: Display,
    {
        let run =
            move |hands, ctx| run(hands, ctx).map(|done| done.map_err(|error| error.to_string())).boxed();
        Self { name, cron, run: Chore::OfTenants(Box::new(run)) }
    }
}

/// A cron expression in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Times {
    cron: Cron,
    zone: Tz,
}

impl Times {
    /// Parses an expression of five fields, or six with seconds.
    pub(crate) fn parse(expression: &str, zone: Tz) -> Result<Self, String> {
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(expression).map_err(|error| error.to_string())?;
        Ok(Self { cron, zone })
    }

    /// The times of another expression in the same zone; these for what is none.
    pub(super) fn by(&self, expression: &str) -> Self {
        Self::parse(expression, self.zone).unwrap_or_else(|_| self.clone())
    }

    /// The first time after `now`; `None` when there is none, as on a 30th of February.
    pub(super) fn after(&self, now: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&now.with_timezone(&self.zone), false).ok()?;
        Some(next.with_timezone(&chrono::Utc))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn times_are_those_of_the_zone_and_survive_the_change_of_the_clocks() {
        let nightly = Times::parse("30 2 * * *", chrono_tz::Europe::Paris).unwrap();
        assert_eq!(nightly.after(at("2026-11-20T12:00:00Z")), Some(at("2026-11-21T01:30:00Z")));
        // There is no half past two on this day.
        let skipped = nightly.after(at("2026-03-28T12:00:00Z")).unwrap();
        assert!(skipped > at("2026-03-29T00:59:59Z") && skipped < at("2026-03-29T02:00:00Z"), "{skipped}");
        let often = Times::parse("*/15 * * * * *", chrono_tz::UTC).unwrap();
        assert_eq!(often.after(at("2026-11-20T12:00:00Z")), Some(at("2026-11-20T12:00:15Z")));
        assert!(Times::parse("every day", chrono_tz::UTC).is_err());
        assert_eq!(
            Times::parse("0 0 30 2 *", chrono_tz::UTC)
                .map(|never| never.after(at("2026-11-20T12:00:00Z")))
                .ok()
                .flatten(),
            None
        );
    }
}
