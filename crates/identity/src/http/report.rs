//! The answer to an import, written piece by piece: a report of 100,000 lines is never one text in memory.

use std::convert::Infallible;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, web::Bytes};
use apistos::{ApiComponent, Schema, paths::Responses, reference_or::ReferenceOr};
use futures_util::stream;
use ouvira_common::{http::Json, locale::Locale};
use serde::Serialize;

use super::view::{ImportReportView, LineView};
use crate::{ImportReport, ImportedLine};

/// Lines in one piece.
const PIECE: usize = 200;

/// How an import went, in the caller's language.
pub(super) struct Report {
    report: ImportReport,
    locale: Locale,
}

impl Report {
    pub(super) fn new(report: ImportReport, locale: Locale) -> Self {
        Self { report, locale }
    }

    fn pieces(self) -> impl Iterator<Item = Bytes> {
        let Self { report, locale } = self;
        let ImportReport { created, updated, failed, lines } = report;
        let head = format!(r#"{{"created":{created},"updated":{updated},"failed":{failed},"lines":["#);
        let pieces = (0..lines.len()).step_by(PIECE).map(move |start| {
            let piece = &lines[start..lines.len().min(start + PIECE)];
            let comma = if start == 0 { "" } else { "," };
            Bytes::from(format!("{comma}{}", text(piece, locale)))
        });
        [Bytes::from(head)].into_iter().chain(pieces).chain([Bytes::from_static(b"]}")])
    }
}

fn text(lines: &[ImportedLine], locale: Locale) -> String {
    let views: Vec<_> = lines.iter().map(|line| json(&LineView::of(line, locale))).collect();
    views.join(",")
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a line of a report is plain data")
}

impl Responder for Report {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let pieces = stream::iter(self.pieces().map(Ok::<_, Infallible>));
        HttpResponse::Ok().content_type("application/json").streaming(pieces)
    }
}

impl ApiComponent for Report {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Json::<ImportReportView>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(content_type: Option<String>) -> Option<Responses> {
        Json::<ImportReportView>::responses(content_type)
    }
}
