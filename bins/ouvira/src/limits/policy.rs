//! How much of what may be done: the limits of H5, and the arithmetic that they are kept by.

use std::{collections::HashMap, time::Duration};

/// So many in so much time, by the generic cell rate algorithm (ITU-T I.371, the "virtual scheduling" of a leaky bucket):
/// all of it at once or evenly spread, and from then on one more with each interval. What is kept of a caller is a single
/// instant: when all of the quota will be theirs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    /// How the header fields and the stores call it.
    pub(super) name: &'static str,
    /// How many.
    pub(super) quota: u32,
    /// In how long.
    pub(super) window: Duration,
}

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// Logins with one identifier from one address at one tenant.
pub(super) const LOGIN: Policy = Policy { name: "login", quota: 5, window: MINUTE };
/// Logins from one address, whoever is tried.
pub(super) const LOGIN_ADDRESS: Policy = Policy { name: "login-address", quota: 30, window: MINUTE };
/// Refreshes of one session.
pub(super) const REFRESH: Policy = Policy { name: "refresh", quota: 20, window: MINUTE };
/// Refreshes from one address: before a token was looked at its session is only what it says, and anybody can make up
/// others. Wide enough for a large office behind one address.
pub(super) const REFRESH_ADDRESS: Policy = Policy { name: "refresh-address", quota: 300, window: MINUTE };
/// Everything else that is done from one address without signing in.
pub(super) const ANONYMOUS: Policy = Policy { name: "anonymous", quota: 200, window: DAY };
/// Everything else that one user does.
pub(super) const USER: Policy = Policy { name: "user", quota: 1000, window: DAY };

/// Quotas by the names of policies, where the configuration has others than ours.
pub(crate) type Quotas = HashMap<&'static str, u32>;

/// The name of the policy that is called so, if there is one.
pub(crate) fn policy_named(name: &str) -> Option<&'static str> {
    let all = [LOGIN, LOGIN_ADDRESS, REFRESH, REFRESH_ADDRESS, ANONYMOUS, USER];
    all.into_iter().map(|policy| policy.name).find(|known| *known == name)
}

/// The policies of a node.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policies {
    pub(super) login: Policy,
    pub(super) login_address: Policy,
    pub(super) refresh: Policy,
    pub(super) refresh_address: Policy,
    pub(super) anonymous: Policy,
    pub(super) user: Policy,
}

impl Policies {
    /// The ones above, with the quotas that the configuration has for them.
    pub(super) fn with(quotas: &Quotas) -> Self {
        let configured = |policy: Policy| policy.or(quotas.get(policy.name).copied());
        Self {
            login: configured(LOGIN),
            login_address: configured(LOGIN_ADDRESS),
            refresh: configured(REFRESH),
            refresh_address: configured(REFRESH_ADDRESS),
            anonymous: configured(ANONYMOUS),
            user: configured(USER),
        }
    }
}

impl Policy {
    /// The same with another quota, where the configuration or a tenant has one.
    pub(super) fn or(self, quota: Option<u32>) -> Self {
        Self { quota: quota.unwrap_or(self.quota), ..self }
    }

    /// Microseconds after which one more may be done.
    pub(super) fn interval(&self) -> u64 {
        micros(self.window) / u64::from(self.quota)
    }

    /// Microseconds that a caller may be ahead of an even pace.
    pub(super) fn burst(&self) -> u64 {
        self.interval() * u64::from(self.quota)
    }

    /// Whether somebody who is so far ahead may go on.
    pub(super) fn admits(&self, ahead: u64) -> bool {
        ahead + self.interval() <= self.burst()
    }
}

/// Where a caller stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) policy: Policy,
    /// Microseconds until all of the quota is theirs again.
    pub(super) ahead: u64,
}

impl Standing {
    /// How many may follow at once.
    pub(super) fn remaining(&self) -> u64 {
        self.policy.burst().saturating_sub(self.ahead) / self.policy.interval()
    }

    /// Seconds until all of the quota is there again, rounded up.
    pub(super) fn reset(&self) -> u64 {
        seconds(self.ahead)
    }

    /// Seconds until one more may be done, rounded up.
    pub(super) fn wait(&self) -> u64 {
        seconds((self.ahead + self.policy.interval()).saturating_sub(self.policy.burst()))
    }
}

/// A duration in microseconds.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn seconds(micros: u64) -> u64 {
    micros.div_ceil(1_000_000)
}
