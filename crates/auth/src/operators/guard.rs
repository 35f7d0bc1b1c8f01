//! Slowing down who guesses operators' passwords: counted as for users (see the other guard), in the catalog.

use ouvira_common::{
    platform::PlatformContext,
    ports::{CountedFailure, CountedSubject, OperatorFacts, OperatorLookup},
    sealing::DataKey,
    text::{Email, fold},
    time::Timestamp,
};

use crate::{
    guard::{FOR_ACCOUNT, FROM_DEVICE, FROM_NETWORK, IDENTIFIER},
    model::{Device, network},
};

/// The counters that one login touches.
pub(super) struct Guard {
    pub(super) device: Device,
    own: CountedSubject,
    network: CountedSubject,
    account: CountedSubject,
    on: bool,
}

impl Guard {
    /// The counters of a login with `identifier`, whether or not anybody has it.
    pub(super) fn of(key: &DataKey, ctx: &PlatformContext, identifier: &str, on: bool) -> Self {
        let device = Device::of(key, &ctx.origin);
        let identifier = fold(&identifier.chars().take(IDENTIFIER).collect::<String>());
        let subject =
            |kind: &str, parts: [&[u8]; 2]| key.mac("login", &[kind.as_bytes(), parts[0], parts[1]]);
        Self {
            own: subject("device", [identifier.as_bytes(), &device.0]),
            network: subject("network", [&network(ctx.origin.ip), &[]]),
            account: subject("account", [identifier.as_bytes(), &[]]),
            device,
            on,
        }
    }

    pub(super) fn lookup(&self, email: Option<Email>) -> OperatorLookup {
        OperatorLookup {
            email,
            device: self.device.0,
            own: self.own,
            foreign: vec![self.network, self.account],
        }
    }

    /// Whether earlier failures forbid to look at this try.
    pub(super) fn delays(&self, facts: &OperatorFacts, now: Timestamp) -> bool {
        let delays = |until: Option<Timestamp>| until.is_some_and(|until| until > now);
        self.on && (delays(facts.own_delay) || (!facts.known_device && delays(facts.foreign_delay)))
    }

    /// The counters that may forbid it.
    pub(super) fn delaying(&self, facts: &OperatorFacts) -> Vec<CountedSubject> {
        match (self.on, facts.known_device) {
            (false, _) => Vec::new(),
            (true, true) => vec![self.own],
            (true, false) => vec![self.own, self.network, self.account],
        }
    }

    /// The counter that forgets with a success.
    pub(super) fn forgotten(&self) -> CountedSubject {
        self.own
    }

    /// What one failure counts for; always in the same order, so that two never wait for each other in a circle.
    pub(super) fn failures(&self) -> Vec<CountedFailure> {
        let counted = [(self.own, FROM_DEVICE), (self.network, FROM_NETWORK), (self.account, FOR_ACCOUNT)];
        let failure = |(subject, delays): (CountedSubject, crate::store::attempts::Delays)| CountedFailure {
            subject,
            free: delays.free,
            longest: delays.longest,
        };
        if self.on { counted.map(failure).to_vec() } else { Vec::new() }
    }
}
