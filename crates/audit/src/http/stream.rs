use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    dev::Payload,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING},
    web::{Bytes, Data},
};
use apistos::{
    ApiComponent, Schema, api_operation,
    paths::{MediaType, Response, Responses},
    reference_or::ReferenceOr,
};
use futures_util::{
    future::{Ready, ready},
    stream::try_unfold,
};
use ouvira_common::{
    context::Pass,
    http::{Caller, Created, Parameters, Problem, SignedIn},
    locale::Locale,
    problem::Code,
    secret::Secret,
    time::Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::notifications::NotificationView;
use crate::{Audit, AuditError, Live, NotificationStream, Told};

/// A ticket to one's stream.
#[derive(Debug, Serialize, JsonSchema, ApiComponent)]
#[schemars(rename = "StreamTicket")]
pub(super) struct TicketView {
    /// For `?ticket=`; good once.
    ticket: String,
    /// Until when.
    expires_at: Timestamp,
}

/// How a stream is opened without a header.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(super) struct StreamParameters {
    /// A ticket, where no token can be sent.
    ticket: Option<String>,
}

/// `Last-Event-ID`: the last notification that was told (HTML, server-sent events).
pub(super) struct LastEventId(Option<Uuid>);

impl FromRequest for LastEventId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get("last-event-id").and_then(|value| value.to_str().ok());
        // What is no id of ours names no place to go on from: the stream begins anew.
        ready(Ok(Self(value.and_then(|value| value.parse().ok()))))
    }
}

impl ApiComponent for LastEventId {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }
}

/// A stream of server-sent events.
pub(super) struct Events(NotificationStream, Locale);

/// How long a reader waits before it comes again, in milliseconds.
const GREETING: &[u8] = b"retry: 2000\n\n";

struct Reading {
    stream: NotificationStream,
    locale: Locale,
    greeted: bool,
}

impl Responder for Events {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let reading = Reading { stream: self.0, locale: self.1, greeted: false };
        let pieces = try_unfold(reading, async |mut reading: Reading| {
            if !reading.greeted {
                reading.greeted = true;
                return Ok(Some((Bytes::from_static(GREETING), reading)));
            }
            let (stream, locale) = (&mut reading.stream, reading.locale);
            let piece = match stream.next().await {
                Ok(Told::Notifications(notifications)) => notifications
                    .into_iter()
                    .map(|notification| event(&NotificationView::new(notification, locale)))
                    .collect(),
                Ok(Told::Nothing) => ": still here\n\n".to_owned(),
                // The session ended, or the node is going away: the reader comes again, and is told why.
                Ok(Told::End) | Err(_) => return Ok(None),
            };
            Ok::<_, AuditError>(Some((Bytes::from(piece), reading)))
        });
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((CACHE_CONTROL, "no-store"))
            // Neither a compressor nor a proxy may hold events back.
            .insert_header((CONTENT_ENCODING, "identity"))
            .insert_header(("X-Accel-Buffering", "no"))
            .streaming(Box::pin(pieces))
    }
}

fn event(notification: &NotificationView) -> String {
    // JSON of one line, which is what a `data` field is.
    let json = serde_json::to_string(notification).unwrap_or_default();
    format!("event: notification\nid: {}\ndata: {json}\n\n", notification.id())
}

impl ApiComponent for Events {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Vec::new()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(_: Option<String>) -> Option<Responses> {
        let content = [("text/event-stream".to_owned(), MediaType::default())].into();
        let stream =
            Response { description: "Server-sent events".to_owned(), content, ..Response::default() };
        let responses = [("200".to_owned(), ReferenceOr::Object(stream))].into();
        Some(Responses { responses, ..Responses::default() })
    }
}

#[api_operation(
    operation_id = "stream_notifications",
    summary = "Follow one's notifications as server-sent events, on from Last-Event-ID",
    tag = "audit"
)]
pub(super) async fn stream(
    caller: Caller,
    audit: Data<Audit>,
    live: Data<Live>,
    parameters: Parameters<StreamParameters>,
    last: LastEventId,
) -> Result<Events, Problem> {
    let signed_in = caller.session_id().is_some();
    let ctx = match parameters.into_inner().ticket {
        Some(ticket) if !signed_in => audit.redeem_stream_ticket(&caller, &Secret::new(ticket)).await?,
        None if caller.pass() == Pass::Open => return Err(Problem::new(Code::TokenMissing)),
        _ => caller.0,
    };
    Ok(Events(audit.stream_notifications(&ctx, &live, last.0).await?, ctx.locale()))
}

#[api_operation(
    operation_id = "create_notification_stream_ticket",
    summary = "Get a ticket to open one's stream where no token can be sent",
    tag = "audit"
)]
pub(super) async fn issue_ticket(
    caller: SignedIn,
    audit: Data<Audit>,
) -> Result<Created<TicketView>, Problem> {
    let issued = audit.issue_stream_ticket(&caller).await?;
    let view = TicketView { ticket: issued.ticket.expose().to_owned(), expires_at: issued.expires_at };
    Ok(Created::at("/api/v1/audit/notifications/stream", view))
}
