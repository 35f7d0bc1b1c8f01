//! `ouvira events`: what webhooks can subscribe to, as `docs/webhooks.md` has it.

use std::fmt::Write as _;

use serde_json::json;

use super::Answer;
use crate::node::EVENTS;

/// A table for people, JSON for machines.
pub(super) fn run() -> Answer {
    let mut people = "| event | when | `data` |\n|---|---|---|\n".to_owned();
    for event in EVENTS.all() {
        let fields: Vec<String> = event
            .fields
            .iter()
            .map(|field| {
                let what = field.description.trim().trim_end_matches('.');
                format!("`{}` {}: {what}", field.name, field.json())
            })
            .collect();
        let _ =
            writeln!(people, "| `{}` | {} | {} |", event.topic, event.description.trim(), fields.join("; "));
    }
    let machines: Vec<_> = EVENTS
        .all()
        .iter()
        .map(|event| {
            let fields: Vec<_> = event
                .fields
                .iter()
                .map(|field| json!({"name": field.name, "type": field.json(), "description": field.description.trim()}))
                .collect();
            json!({"event": event.topic, "description": event.description.trim(), "data": fields})
        })
        .collect();
    Answer::new(people, json!({"items": machines}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_about_webhooks_has_every_event() {
        let page = include_str!("../../../../docs/webhooks.md");
        for event in EVENTS.all() {
            assert!(
                page.contains(&format!("| `{}` | {} |", event.topic, event.description.trim())),
                "{}",
                event.topic
            );
            for field in event.fields {
                assert!(
                    page.contains(&format!("`{}` {}", field.name, field.json())),
                    "{}.{}",
                    event.topic,
                    field.name
                );
            }
        }
        let _ = run();
    }
}
