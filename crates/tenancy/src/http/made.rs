//! The answer to a new tenant: 201, or 202 while its placement is still being made.

use actix_web::{HttpRequest, HttpResponse, Responder};
use apistos::{ApiComponent, Schema, paths::Responses, reference_or::ReferenceOr};
use ouvira_common::http::{Accepted, Created};

use super::view::MadeTenantView;

/// What was made, or is being made.
pub(super) enum Made {
    Created(Created<MadeTenantView>),
    Accepted(Accepted<MadeTenantView>),
}

impl Responder for Made {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Created(answer) => answer.respond_to(request),
            Self::Accepted(answer) => answer.respond_to(request),
        }
    }
}

impl ApiComponent for Made {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        Created::<MadeTenantView>::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn responses(content_type: Option<String>) -> Option<Responses> {
        let mut responses = Created::<MadeTenantView>::responses(content_type.clone())?;
        responses.responses.extend(Accepted::<MadeTenantView>::responses(content_type)?.responses);
        Some(responses)
    }
}
