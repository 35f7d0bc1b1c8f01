//! Logs as a page, or as a stream of all of them.

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::header::{ACCEPT, CONTENT_DISPOSITION, VARY},
    web::Bytes,
};
use apistos::{
    ApiComponent, Schema,
    paths::{MediaType, Responses},
    reference_or::ReferenceOr,
};
use futures_util::{
    future::{Ready, ready},
    stream::try_unfold,
};
use ouvira_common::http::{Json, PageView, Problem};

use super::activity_view::ActivityView;
use crate::{AuditError, Export, ExportFormat};

const CSV: &str = "text/csv";
const JSON_LINES: &str = "application/x-ndjson";

/// The export that `Accept` asks for; a page of JSON unless it names one (RFC 9110 §12.5.1).
pub(super) struct Wanted(pub(super) Option<ExportFormat>);

impl FromRequest for Wanted {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
        let mut names = accepted
            .flat_map(|value| value.split(','))
            .map(|range| range.split(';').next().unwrap_or("").trim());
        let format = names.find_map(|name| match name {
            CSV => Some(Some(ExportFormat::Csv)),
            JSON_LINES => Some(Some(ExportFormat::JsonLines)),
            "application/json" => Some(None),
            _ => None,
        });
        ready(Ok(Self(format.flatten())))
    }
}

impl ApiComponent for Wanted {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }
}

/// One page, or everything.
pub(super) enum Logs {
    Page(Json<PageView<ActivityView>>),
    Export(Box<Export>, ExportFormat),
}

impl Responder for Logs {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let (export, format) = match self {
            Self::Page(page) => return page.respond_to(request),
            Self::Export(export, format) => (export, format),
        };
        let (content_type, name) = match format {
            ExportFormat::Csv => ("text/csv; charset=utf-8", "activity-logs.csv"),
            ExportFormat::JsonLines => (JSON_LINES, "activity-logs.ndjson"),
        };
        let pieces = try_unfold(export, async |mut export: Box<Export>| {
            // Half an export must not look like a whole one: an error breaks the connection.
            let piece = export.next().await?;
            Ok::<_, AuditError>(piece.map(|piece| (Bytes::from(piece), export)))
        });
        HttpResponse::Ok()
            .content_type(content_type)
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .insert_header((VARY, "Accept"))
            .streaming(Box::pin(pieces))
    }
}

impl ApiComponent for Logs {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Json::<PageView<ActivityView>>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(content_type: Option<String>) -> Option<Responses> {
        let mut responses = Json::<PageView<ActivityView>>::responses(content_type)?;
        if let Some(ReferenceOr::Object(done)) = responses.responses.get_mut("200") {
            for export in [CSV, JSON_LINES] {
                done.content.insert(export.to_owned(), MediaType::default());
            }
        }
        Some(responses)
    }
}
