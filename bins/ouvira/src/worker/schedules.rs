//! Everything that the worker does by the clock, a few lines each. `docs/operations.md` has the same list.

use ouvira_tenancy::PlatformContext;

use super::schedule::{Left, Schedule};

/// Placements kept ready for tenants with a schema of their own.
const SPARE: usize = 2;
/// Rows that a turn of a tenant's chore handles at most: a transaction of milliseconds.
const BATCH: u16 = 1000;

/// All of them. A chore bears being stopped half-way, and being done again.
pub(crate) fn all() -> Vec<Schedule> {
    vec![
        // Completes tenants whose provisioning was interrupted, or waits for the owner's hand.
        Schedule::platform("tenants.finish", "*/15 * * * * *", |hands| async move {
            let ctx = PlatformContext::system(hands.clock.now());
            hands.services.tenants.finish_all(&ctx).await.map(drop)
        }),
        // Deleted tenants whose grace period is over.
        Schedule::platform("tenants.purge", "7 * * * *", |hands| async move {
            let ctx = PlatformContext::system(hands.clock.now());
            hands.services.tenants.purge_due(&ctx).await.map(drop)
        }),
        Schedule::platform("placements.spare", "*/15 * * * * *", |hands| async move {
            let Some(placements) = &hands.placements else { return Ok(()) };
            placements.keep_spare(SPARE, hands.clock.now()).await.map(drop)
        }),
        // New rows of the logs become leaves; their roots are signed.
        Schedule::platform("logs.seal", "*/20 * * * * *", |hands| async move { hands.logs.seal().await }),
        // Partitions ahead, and rows whose time is over.
        Schedule::platform("logs.keep", "17 3 * * *", |hands| async move {
            hands.logs.keep(hands.clock.now()).await
        }),
        Schedule::of_tenants("auth.lapsed", "42 3 * * *", |hands, ctx| async move {
            let forgotten = hands.services.auth.forget_lapsed(&ctx, BATCH).await;
            forgotten.map(|forgotten| if forgotten.more { Left::More } else { Left::Nothing })
        }),
        // The same of operators, who are in the catalog.
        Schedule::platform("operators.lapsed", "47 3 * * *", |hands| async move {
            let ctx = PlatformContext::system(hands.clock.now());
            hands.operators.forget_lapsed(&ctx).await.map(drop)
        }),
        Schedule::of_tenants("users.lapsed_claims", "27 * * * *", |hands, ctx| async move {
            let forgotten = hands.services.users.forget_lapsed_claims(&ctx, BATCH).await;
            forgotten.map(|forgotten| Left::after(forgotten, BATCH))
        }),
        Schedule::of_tenants("notifications.tickets", "12 4 * * *", |hands, ctx| async move {
            let removed = hands.services.audit.remove_expired_stream_tickets(&ctx, BATCH).await;
            removed.map(|removed| Left::after(removed, BATCH))
        }),
        // Roles that have ended count no more from that instant; here they leave the tables and enter the log.
        Schedule::of_tenants("roles.lapsed", "*/5 * * * *", |hands, ctx| async move {
            let ended = hands.services.access.end_lapsed_roles(&ctx, BATCH).await;
            ended.map(|ended| Left::after(ended, BATCH))
        }),
        Schedule::of_tenants("invitations.lapsed", "22 4 * * *", |hands, ctx| async move {
            let forgotten = hands.services.access.forget_lapsed_invitations(&ctx, BATCH).await;
            forgotten.map(|forgotten| Left::after(forgotten, BATCH))
        }),
        Schedule::of_tenants("webhooks.deliveries", "27 4 * * *", |hands, ctx| async move {
            let removed = hands.services.webhooks.remove_old_deliveries(&ctx, BATCH).await;
            removed.map(|removed| Left::after(removed, BATCH))
        }),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::schedule::Times, *};

    #[test]
    fn every_schedule_has_a_name_of_its_own_and_times() {
        let mut names = HashSet::new();
        for schedule in all() {
            assert!(names.insert(schedule.name()), "{} is there twice", schedule.name());
            let times = Times::parse(schedule.default_cron(), chrono_tz::UTC);
            assert!(times.is_ok(), "{}: {times:?}", schedule.name());
            let operations = include_str!("../../../../docs/operations.md");
            assert!(
                operations.contains(&format!("| `{}` |", schedule.name())),
                "{} is not in docs/operations.md",
                schedule.name()
            );
        }
    }
}
