//! Requests in figures: by route, method, placement and outcome, all of them words that are known at the start. Counting
//! one is a handful of atomic additions.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use actix_web::http::{Method, StatusCode};
use ouvira_common::{
    http::{Finished, Observer},
    tenant::PlacementMode,
};

use super::{Exporter, Kind, Routes, Text};

const METHODS: [Method; 7] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
/// Of requests that named no tenant in service.
const NOWHERE: usize = PlacementMode::ALL.len();
const PLACEMENTS: usize = NOWHERE + 1;
const OUTCOMES: [&str; 5] = ["success", "refused", "limited", "unavailable", "failed"];
/// Upper bounds in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// What one operation did in one placement.
#[derive(Debug, Default)]
struct Figures {
    outcomes: [AtomicU64; OUTCOMES.len()],
    /// By the first bound that is not exceeded; the last is of those that exceed all.
    times: [AtomicU64; BOUNDS.len() + 1],
    nanoseconds: AtomicU64,
    statements: AtomicU64,
    database_nanoseconds: AtomicU64,
}

/// The requests of a node. Made once; each thread counts into the same figures.
pub(crate) struct Requests {
    routes: Routes,
    /// By route (the last is of paths that lead nowhere), method (the last is any other) and placement.
    figures: Vec<OnceLock<Box<Figures>>>,
    in_flight: AtomicI64,
    abandoned: AtomicU64,
    exporter: Option<Exporter>,
}

impl Requests {
    /// Nothing counted yet; traces go to `exporter`.
    pub(crate) fn new(routes: Routes, exporter: Option<Exporter>) -> Self {
        let places = (routes.len() + 1) * (METHODS.len() + 1) * PLACEMENTS;
        Self {
            figures: std::iter::repeat_with(OnceLock::new).take(places).collect(),
            routes,
            in_flight: AtomicI64::new(0),
            abandoned: AtomicU64::new(0),
            exporter,
        }
    }

    fn figures(&self, finished: &Finished<'_>) -> &Figures {
        let route = finished.route.unwrap_or(self.routes.len());
        let method = METHODS.iter().position(|method| method == finished.method).unwrap_or(METHODS.len());
        let placement = finished.tenant.map_or(NOWHERE, |(_, mode)| mode as usize);
        let place = (route * (METHODS.len() + 1) + method) * PLACEMENTS + placement;
        self.figures[place].get_or_init(Box::default)
    }

    /// Every operation that was asked for, with its labels.
    fn counted(&self) -> impl Iterator<Item = ([(&str, &str); 3], &Figures)> {
        self.figures.iter().enumerate().filter_map(|(place, figures)| {
            let figures = figures.get()?;
            let (operation, placement) = (place / PLACEMENTS, place % PLACEMENTS);
            let (route, method) = (operation / (METHODS.len() + 1), operation % (METHODS.len() + 1));
            let route = if route == self.routes.len() { "none" } else { self.routes.template(route) };
            let method = METHODS.get(method).map_or("other", Method::as_str);
            let placement = PlacementMode::ALL.get(placement).map_or("none", |mode| mode.as_str());
            Some(([("route", route), ("method", method), ("placement", placement)], figures.as_ref()))
        })
    }

    /// Writes all figures.
    pub(crate) fn write(&self, text: &mut Text) {
        let name = "ouvira_http_requests_total";
        text.metric(name, Kind::Counter, "Requests that were answered.");
        for ([route, method, placement], figures) in self.counted() {
            for (outcome, count) in OUTCOMES.iter().zip(&figures.outcomes) {
                let count = count.load(Relaxed);
                if count > 0 {
                    text.value(name, &[route, method, placement, ("outcome", outcome)], count);
                }
            }
        }
        let name = "ouvira_http_request_duration_seconds";
        text.metric(name, Kind::Histogram, "From a request's head to its answer's.");
        for ([route, method, placement], figures) in self.counted() {
            let mut count = 0;
            for (bound, within) in
                BOUNDS.iter().map(f64::to_string).chain(["+Inf".to_owned()]).zip(&figures.times)
            {
                count += within.load(Relaxed);
                text.value(&format!("{name}_bucket"), &[route, method, placement, ("le", &bound)], count);
            }
            text.value(&format!("{name}_sum"), &[route, method, placement], seconds(&figures.nanoseconds));
            text.value(&format!("{name}_count"), &[route, method, placement], count);
        }
        let name = "ouvira_http_database_statements_total";
        text.metric(name, Kind::Counter, "Statements that requests sent to Postgres, the gate among them.");
        for (labels, figures) in self.counted() {
            text.value(name, &labels, figures.statements.load(Relaxed));
        }
        let name = "ouvira_http_database_seconds_total";
        text.metric(name, Kind::Counter, "Time that requests waited for Postgres.");
        for (labels, figures) in self.counted() {
            text.value(name, &labels, seconds(&figures.database_nanoseconds));
        }
        let in_flight = self.in_flight.load(Relaxed).max(0);
        text.single(
            "ouvira_http_requests_in_flight",
            Kind::Gauge,
            "Requests without an answer yet.",
            in_flight,
        );
        text.single(
            "ouvira_http_requests_abandoned_total",
            Kind::Counter,
            "Requests whose client went away before there was an answer.",
            self.abandoned.load(Relaxed),
        );
        if let Some(exporter) = &self.exporter {
            exporter.write(text);
        }
    }
}

impl Observer for Requests {
    fn route(&self, path: &str) -> Option<(usize, &str)> {
        self.routes.find(path).map(|route| (route, self.routes.template(route)))
    }

    fn begun(&self) {
        self.in_flight.fetch_add(1, Relaxed);
    }

    fn ended(&self, finished: Option<&Finished<'_>>) {
        self.in_flight.fetch_sub(1, Relaxed);
        let Some(finished) = finished else {
            self.abandoned.fetch_add(1, Relaxed);
            return;
        };
        let figures = self.figures(finished);
        figures.outcomes[outcome(finished.status)].fetch_add(1, Relaxed);
        let took = finished.took.as_secs_f64();
        let within = BOUNDS.iter().position(|bound| took <= *bound).unwrap_or(BOUNDS.len());
        figures.times[within].fetch_add(1, Relaxed);
        figures.nanoseconds.fetch_add(nanoseconds(finished.took), Relaxed);
        figures.statements.fetch_add(u64::from(finished.database.statements), Relaxed);
        figures.database_nanoseconds.fetch_add(nanoseconds(finished.database.time), Relaxed);
        if let Some(exporter) = &self.exporter {
            exporter.take(finished, finished.route.map(|route| self.routes.template(route)));
        }
    }
}

/// The place in [`OUTCOMES`].
fn outcome(status: StatusCode) -> usize {
    match status.as_u16() {
        ..400 => 0,
        429 => 2,
        400..500 => 1,
        503 => 3,
        _ => 4,
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "nobody needs nanoseconds of a century")]
fn seconds(nanoseconds: &AtomicU64) -> f64 {
    nanoseconds.load(Relaxed) as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use ouvira_common::{db::Reading, http::TraceContext, id::TenantId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn finished(route: Option<usize>, method: &Method, status: StatusCode) -> Finished<'_> {
        Finished {
            route,
            method,
            request_id: "request-7",
            trace: TraceContext { trace: 1, span: 2, parent: None, sampled: None },
            tenant: Some((TenantId(Uuid::nil()), PlacementMode::Schema)),
            status,
            problem: None,
            took: Duration::from_millis(3),
            database: Reading { statements: 2, time: Duration::from_millis(1) },
        }
    }

    #[test]
    fn requests_are_counted_under_words_that_are_known_beforehand() {
        let requests = Requests::new(Routes::of(&json!({"paths": {"/api/v1/company": {}}})), None);
        let (route, _) = requests.route("/api/v1/company").unwrap();
        let odd = Method::from_bytes(b"BREW").unwrap();
        for (route, method, status) in [
            (Some(route), &Method::GET, StatusCode::OK),
            (Some(route), &Method::GET, StatusCode::OK),
            (Some(route), &Method::GET, StatusCode::TOO_MANY_REQUESTS),
            (None, &odd, StatusCode::NOT_FOUND),
        ] {
            requests.begun();
            requests.ended(Some(&finished(route, method, status)));
        }
        requests.begun();
        requests.ended(None);
        let mut text = Text::default();
        requests.write(&mut text);
        let text = text.finish();
        let labels = r#"route="/api/v1/company",method="GET",placement="schema""#;
        for line in [
            format!("ouvira_http_requests_total{{{labels},outcome=\"success\"}} 2"),
            format!("ouvira_http_requests_total{{{labels},outcome=\"limited\"}} 1"),
            r#"ouvira_http_requests_total{route="none",method="other",placement="schema",outcome="refused"} 1"#
                .to_owned(),
            format!("ouvira_http_request_duration_seconds_bucket{{{labels},le=\"0.0025\"}} 0"),
            format!("ouvira_http_request_duration_seconds_bucket{{{labels},le=\"0.005\"}} 3"),
            format!("ouvira_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} 3"),
            format!("ouvira_http_request_duration_seconds_count{{{labels}}} 3"),
            format!("ouvira_http_database_statements_total{{{labels}}} 6"),
            "ouvira_http_requests_in_flight 0".to_owned(),
            "ouvira_http_requests_abandoned_total 1".to_owned(),
        ] {
            assert!(text.lines().any(|written| written == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("BREW"), "{text}");
    }
}
