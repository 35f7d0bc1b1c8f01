//! What can be subscribed to.

use ouvira_common::{
    outbox::PublishedEvent,
    problem::{FieldCode, FieldError},
};

/// Stands for all events, later ones included.
pub const ALL_EVENTS: &str = "*";
/// Names in one subscription at most.
const MOST: usize = 100;

/// The events that the domains publish, put together where they meet.
#[derive(Debug)]
pub struct Events {
    events: Vec<PublishedEvent>,
    topics: Vec<&'static str>,
}

impl Events {
    /// Those of the domains.
    pub fn new(domains: &[&[PublishedEvent]]) -> Self {
        let events: Vec<_> = domains.iter().flat_map(|events| events.iter().copied()).collect();
        Self { topics: events.iter().map(|event| event.topic).collect(), events }
    }

    /// All of them.
    pub fn all(&self) -> &[PublishedEvent] {
        &self.events
    }

    /// Their names.
    pub fn topics(&self) -> &[&'static str] {
        &self.topics
    }

    /// A subscription: at least one name, each of them known; sorted, each once.
    pub(crate) fn parse(&self, names: &[String]) -> Result<Vec<String>, FieldError> {
        if names.is_empty() {
            return Err(FieldError::new("/events", FieldCode::Empty));
        }
        if names.len() > MOST {
            return Err(FieldError::new("/events", FieldCode::TooMany).with("max", 100));
        }
        let known = |name: &str| name == ALL_EVENTS || self.topics.contains(&name);
        if let Some(place) = names.iter().position(|name| !known(name)) {
            return Err(FieldError::new(format!("/events/{place}"), FieldCode::InvalidChoice));
        }
        let mut names = names.to_vec();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }
}
