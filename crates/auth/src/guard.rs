//! Slowing down who guesses passwords, without locking out whom they guess at (ASVS V6.3.1, OWASP device cookies).
//!
//! Failures are counted three times: for the account as seen from one device, for the network they come from, and for the
//! account from everywhere. A device that signed in before is slowed down by its own failures alone; the account's delay
//! stays short for everybody else, so that an attacker with many networks gets a guess a minute and its owner a turn.

use ouvira_common::{context::RequestContext, db::Tx, text::fold, time::Timestamp};

use crate::{
    Auth,
    model::{Device, network},
    store::{
        attempts::{self, Delays, Subject},
        credentials::LoginFacts,
    },
};

pub(crate) const FROM_DEVICE: Delays = Delays { free: 5, longest: 900 };
pub(crate) const FROM_NETWORK: Delays = Delays { free: 30, longest: 900 };
pub(crate) const FOR_ACCOUNT: Delays = Delays { free: 50, longest: 60 };

/// No identifier is longer.
pub(crate) const IDENTIFIER: usize = 320;

/// The counters that one login touches.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    pub(crate) device: Device,
    pub(crate) own: Subject,
    pub(crate) network: Subject,
    pub(crate) account: Subject,
    on: bool,
}

impl Auth {
    /// The counters of a login with `identifier`, whether or not anybody has it.
    pub(crate) fn guard(&self, ctx: &RequestContext, identifier: &str) -> Guard {
        let key = &ctx.tenant().data_key;
        let device = Device::of(key, ctx.origin());
        let identifier = fold(&identifier.chars().take(IDENTIFIER).collect::<String>());
        let subject =
            |kind: &str, parts: [&[u8]; 2]| key.mac("login", &[kind.as_bytes(), parts[0], parts[1]]);
        Guard {
            own: subject("device", [identifier.as_bytes(), &device.0]),
            network: subject("network", [&network(ctx.origin().ip), &[]]),
            account: subject("account", [identifier.as_bytes(), &[]]),
            device,
            on: self.config.rate_limits,
        }
    }
}

impl Guard {
    /// Whether earlier failures forbid to look at this try.
    pub(crate) fn delays(&self, facts: &LoginFacts, now: Timestamp) -> bool {
        let delays = |until: Option<Timestamp>| until.is_some_and(|until| until > now);
        self.on && (delays(facts.own_delay) || (!facts.known_device && delays(facts.foreign_delay)))
    }

    /// The counters that may forbid it.
    pub(crate) fn delaying(&self, facts: &LoginFacts) -> Vec<Subject> {
        match (self.on, facts.known_device) {
            (false, _) => Vec::new(),
            (true, true) => vec![self.own],
            (true, false) => vec![self.own, self.network, self.account],
        }
    }

    /// Counts a failure; always in the same order, so that two never wait for each other in a circle.
    pub(crate) fn note_failure(&self, tx: &mut Tx) {
        if self.on {
            attempts::note_login_failure(tx, self.own, FROM_DEVICE);
            attempts::note_login_failure(tx, self.network, FROM_NETWORK);
            attempts::note_login_failure(tx, self.account, FOR_ACCOUNT);
        }
    }

    /// Forgets the device's failures: its user is there.
    pub(crate) fn forget_failures(&self, tx: &mut Tx) {
        attempts::forget_login_failures(tx, self.own);
    }
}
