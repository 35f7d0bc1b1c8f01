//! Proofs that a row is in the record, and that the record only grew.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header::RETRY_AFTER, web::Data};
use apistos::{ApiComponent, Schema, api_operation, paths::Responses, reference_or::ReferenceOr};
use ouvira_common::http::{Accepted, Json, PageView, Paging, Parameters, PathId, Problem, SignedIn};
use uuid::Uuid;

use super::proof_view::{CheckpointView, ConsistencyView, PendingView, ProofView, Sizes};
use crate::{Audit, seal::Provable};

#[api_operation(
    operation_id = "list_audit_checkpoints",
    summary = "List how large the sealed record was when, the newest first",
    tag = "audit"
)]
pub(super) async fn list_checkpoints(
    caller: SignedIn,
    audit: Data<Audit>,
    paging: Paging,
) -> Result<Json<PageView<CheckpointView>>, Problem> {
    let page = audit.list_checkpoints(&caller, &paging.request()).await?;
    Ok(paging.answer(page.map(CheckpointView::from)))
}

#[api_operation(
    operation_id = "prove_activity_log",
    summary = "Show that an activity is in the sealed record; 202 with when, for one that is not sealed yet",
    tag = "audit"
)]
pub(super) async fn prove_activity(
    caller: SignedIn,
    audit: Data<Audit>,
    id: PathId<Uuid>,
) -> Result<Proof, Problem> {
    Ok(match audit.prove_activity(&caller, *id).await? {
        Provable::Now(proof) => Proof::Now(Box::new((*proof).into())),
        Provable::By(at) => {
            Proof::By(PendingView { available_at: at }, (at - caller.now()).num_seconds().max(1))
        }
    })
}

#[api_operation(
    operation_id = "prove_audit_consistency",
    summary = "Show that the record at one size is the beginning of the record at another",
    tag = "audit"
)]
pub(super) async fn prove_consistency(
    caller: SignedIn,
    audit: Data<Audit>,
    sizes: Parameters<Sizes>,
) -> Result<Json<ConsistencyView>, Problem> {
    let Sizes { from, to } = sizes.into_inner();
    Ok(Json(audit.prove_consistency(&caller, from, to).await?.into()))
}

/// A proof, or when to ask again, in seconds too.
pub(super) enum Proof {
    Now(Box<ProofView>),
    By(PendingView, i64),
}

impl Responder for Proof {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Now(proof) => Json(*proof).respond_to(request),
            Self::By(pending, seconds) => {
                let mut answer = Accepted(pending).respond_to(request);
                answer.headers_mut().insert(RETRY_AFTER, seconds.into());
                answer
            }
        }
    }
}

impl ApiComponent for Proof {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        [Json::<ProofView>::child_schemas(), Accepted::<PendingView>::child_schemas()].concat()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(content_type: Option<String>) -> Option<Responses> {
        let mut responses = Json::<ProofView>::responses(content_type.clone())?;
        responses.responses.extend(Accepted::<PendingView>::responses(content_type)?.responses);
        Some(responses)
    }
}
