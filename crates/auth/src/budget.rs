//! How often something may be done for one subject in one window, counted in Postgres, so that no node knows less than
//! another.

use chrono::Duration;
use ouvira_common::{context::RequestContext, db::Tx, text::Address};

use crate::{
    Auth, AuthError,
    model::{AddressHash, network},
    store::attempts::{self, Counted, Counter, Subject},
};

/// So many in so much time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    kind: &'static str,
    limit: i32,
    window: Duration,
    /// Whether `RATE_LIMITS=off` switches it off. What guards money and second factors always holds.
    switchable: bool,
}

/// Codes sent to one address.
const CODES_SENT: Budget =
    Budget { kind: "codes_sent", limit: 3, window: Duration::hours(1), switchable: true };
/// Codes typed for one address, right ones included.
pub(crate) const CODES_CHECKED: Budget =
    Budget { kind: "codes_checked", limit: 5, window: Duration::hours(1), switchable: true };
/// SMS cost money, and some people are paid for having them sent: what one number, one client, one country and one tenant
/// may cost.
const SMS_TO_NUMBER: Budget = Budget::held("sms_to_number", 20, Duration::days(1));
const SMS_FROM_NETWORK: Budget = Budget::held("sms_from_network", 60, Duration::days(1));
const SMS_TO_COUNTRY: Budget = Budget::held("sms_to_country", 500, Duration::hours(1));
const SMS_OF_TENANT: Budget = Budget::held("sms_of_tenant", 5_000, Duration::days(1));

impl Budget {
    /// A budget that holds whatever `RATE_LIMITS` says.
    pub(crate) const fn held(kind: &'static str, limit: i32, window: Duration) -> Self {
        Self { kind, limit, window, switchable: false }
    }

    pub(crate) const fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) const fn limit(&self) -> i32 {
        self.limit
    }
}

impl Auth {
    /// Takes one from what each subject has of its budget; fails when nothing is left of one of them.
    /// Answers how much of each that is counted is taken by now.
    pub(crate) async fn spend(
        &self,
        tx: &mut Tx,
        from: &[(Budget, Subject)],
    ) -> Result<Vec<Counted>, AuthError> {
        let counted: Vec<&(Budget, Subject)> =
            from.iter().filter(|(budget, _)| self.config.rate_limits || !budget.switchable).collect();
        if counted.is_empty() {
            return Ok(Vec::new());
        }
        let counters: Vec<_> = counted
            .iter()
            .map(|(budget, subject)| Counter { kind: budget.kind, subject: *subject, window: budget.window })
            .collect();
        let now = tx.now();
        let mut wait = None;
        let answers = attempts::count(tx, &counters).await?;
        for answer in &answers {
            let budget =
                counted.iter().find(|(budget, _)| budget.kind == answer.kind).map(|(budget, _)| budget);
            if budget.is_some_and(|budget| answer.count > budget.limit) {
                wait = wait.max(Some(answer.resets_at - now));
            }
        }
        wait.map_or(Ok(answers), |wait| Err(AuthError::TooMany { retry_after: seconds(wait) }))
    }

    /// Takes a code to be sent to `address` from all that it costs.
    pub(crate) async fn spend_code(
        &self,
        tx: &mut Tx,
        address: &Address,
        hash: AddressHash,
    ) -> Result<(), AuthError> {
        let ctx = tx.context().clone();
        let mut from = vec![(CODES_SENT, hash.0)];
        if let Address::Phone(phone) = address {
            let country = phone.country_code().to_be_bytes();
            from.push((SMS_TO_NUMBER, hash.0));
            from.push((SMS_FROM_NETWORK, subject(&ctx, "network", &network(ctx.origin().ip))));
            from.push((SMS_TO_COUNTRY, subject(&ctx, "country", &country)));
            from.push((SMS_OF_TENANT, subject(&ctx, "tenant", &[])));
        }
        self.spend(tx, &from).await.map(|_| ())
    }
}

/// A keyed hash of what is counted.
pub(crate) fn subject(ctx: &RequestContext, kind: &str, value: &[u8]) -> Subject {
    ctx.tenant().data_key.mac("attempts", &[kind.as_bytes(), value])
}

/// Whole seconds, rounded up, at least one: for `Retry-After`.
pub(crate) fn seconds(duration: Duration) -> u64 {
    u64::try_from(duration.num_milliseconds().max(0)).unwrap_or(0).div_ceil(1000).max(1)
}
