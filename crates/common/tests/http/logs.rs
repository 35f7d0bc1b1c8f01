//! What is written about requests, and what is not.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::with_default,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt as _, registry};

use crate::support::{Running, Setup, from_peer, get_as_ada};

/// Writes down every span and event of this crate, with all their fields.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<String>>);

struct Line<'l>(&'l mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Notes {
    fn write(&self, what: &str, record: impl FnOnce(&mut Line<'_>)) {
        let mut notes = self.0.lock().unwrap();
        notes.push_str(what);
        record(&mut Line(&mut notes));
        notes.push('\n');
    }
}

impl<S: Subscriber> Layer<S> for Notes {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("ouvira_common")
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.write("span", |line| attributes.record(line));
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.write("recorded", |line| values.record(line));
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.write(event.metadata().level().as_str(), |line| event.record(line));
    }
}

/// What is written while those paths are asked for, one line each.
fn written(paths: &[&str]) -> Vec<String> {
    let system = actix_web::rt::System::new();
    let service = system.block_on(Running::start(Setup::default()));
    let notes = Notes::default();
    with_default(registry().with(notes.clone()), || {
        for path in paths {
            let request = get_as_ada(path)
                .insert_header(("X-Request-Id", "request-7"))
                .insert_header(("User-Agent", "Mosaic"))
                .insert_header(("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
            system.block_on(service.send(from_peer(request, "203.0.113.9")));
        }
    });
    let notes = notes.0.lock().unwrap().clone();
    notes.lines().map(str::to_owned).collect()
}

#[test]
fn a_finished_request_is_one_event_in_a_span_of_its_route() {
    let lines = written(&["/things/search?search=ada"]);
    assert!(lines[0].starts_with("span request_id=request-7 trace_id="), "{lines:#?}");
    assert!(lines[0].ends_with(" method=GET"), "{lines:#?}");
    assert!(lines.contains(&"recorded route=\"/api/v1/things/search\"".to_owned()), "{lines:#?}");
    let last = lines.last().unwrap();
    assert!(last.starts_with("INFO message=request finished status=200 milliseconds="), "{lines:#?}");
    assert!(last.contains(" queries=0 query_milliseconds=0"), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("request finished")).count(), 1, "{lines:#?}");
}

#[test]
fn a_request_is_written_with_its_tenant_and_the_trace_of_its_caller() {
    let lines = written(&["/signed-in"]).join("\n");
    assert!(lines.contains("recorded tenant="), "{lines}");
    assert!(lines.contains("trace_id=4bf92f3577b34da6a3ce929d0e0e4736"), "{lines}");
}

#[test]
fn a_refusal_is_written_by_its_code_and_a_defect_with_its_cause() {
    let lines = written(&["/signed-in?x=1"]).join("\n");
    assert!(lines.contains("status=400 problem=\"invalid_parameter\""), "{lines}");
    for path in ["/breaks", "/panics"] {
        let lines = written(&[path]).join("\n");
        assert!(lines.contains("ERROR message=a request failed code=\"internal_error\" cause="), "{lines}");
        assert!(lines.contains("a secret of the database"), "{lines}");
        assert!(lines.contains("status=500 problem=\"internal_error\""), "{lines}");
    }
}

#[test]
fn nothing_about_the_caller_is_written() {
    let lines =
        written(&["/things/search?search=ada", "/signed-in?x=1", "/nowhere/ada", "/breaks"]).join("\n");
    for personal in ["203.0.113.9", "Mosaic", "search=ada", "nowhere", "Bearer"] {
        assert!(!lines.contains(personal), "{personal}: {lines}");
    }
}
