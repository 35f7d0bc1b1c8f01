//! A file of users as a request body, read as it comes.

use std::{
    future::{Ready, ready},
    time::Duration,
};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::header::{CONTENT_ENCODING, CONTENT_LENGTH},
    mime,
    rt::time::timeout,
    web::Bytes,
};
use apistos::{
    ApiComponent, Schema,
    paths::{MediaType, RequestBody},
    reference_or::ReferenceOr,
};
use futures_util::{Stream, StreamExt as _, stream};
use ouvira_common::{http::Problem, problem::Code};
use schemars::schema::{InstanceType, SchemaObject};

use crate::import::{ImportFormat, MAX_BYTES};

const CSV: &str = "text/csv";
const JSON_LINES: &str = "application/x-ndjson";

/// A body of `text/csv` or `application/x-ndjson`, in UTF-8 and without a content coding (415), of at most 64 MiB (413).
pub(super) struct File {
    pub(super) format: ImportFormat,
    content: Payload,
}

/// How long the next piece may take. A large file over a slow line may take as long as it does, as long as it comes.
const PATIENCE: Duration = Duration::from_mins(1);

impl File {
    /// The file as it comes; broken off when nothing comes for a minute.
    pub(super) fn pieces(self) -> impl Stream<Item = Result<Bytes, PayloadError>> {
        stream::unfold(self.content, async |mut content| {
            let piece = match timeout(PATIENCE, content.next()).await {
                Ok(piece) => piece?,
                Err(_) => Err(PayloadError::Incomplete(None)),
            };
            Some((piece, content))
        })
    }
}

impl FromRequest for File {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(format(request).map(|format| Self { format, content: payload.take() }))
    }
}

fn format(request: &HttpRequest) -> Result<ImportFormat, Problem> {
    let unsupported = || Problem::new(Code::UnsupportedMediaType);
    let media_type = request.mime_type().ok().flatten().ok_or_else(unsupported)?;
    let format = match media_type.essence_str() {
        CSV => ImportFormat::Csv,
        JSON_LINES => ImportFormat::JsonLines,
        _ => return Err(unsupported()),
    };
    let encoded = request.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if encoded || media_type.get_param(mime::CHARSET).is_some_and(|charset| charset != mime::UTF_8) {
        return Err(unsupported());
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > MAX_BYTES) {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    Ok(format)
}

impl ApiComponent for File {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        let text =
            SchemaObject { instance_type: Some(InstanceType::String.into()), ..SchemaObject::default() };
        let example = |text: &str| Some(apistos::paths::Examples::Example(text.into()));
        let content = |lines: &str| MediaType {
            schema: Some(ReferenceOr::Object(Schema::Object(text.clone()))),
            example: example(lines),
            ..MediaType::default()
        };
        let csv = content("email,first_name,last_name,locale\ngrace@example.com,Grace,Hopper,en\n");
        let json_lines = content("{\"email\": \"grace@example.com\", \"first_name\": \"Grace\"}\n");
        let content = [(CSV.to_owned(), csv), (JSON_LINES.to_owned(), json_lines)].into();
        Some(RequestBody { content, required: Some(true), ..RequestBody::default() })
    }
}
