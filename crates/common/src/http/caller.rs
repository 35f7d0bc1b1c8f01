//! Who calls: one extractor for each kind of route. Each gives the use case its [`RequestContext`].

use std::{collections::BTreeMap, ops::Deref};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use apistos::{
    ApiComponent, Schema,
    paths::{Parameter, ParameterIn},
    reference_or::ReferenceOr,
    security::{Http, SecurityScheme, SecurityType},
};
use futures_util::{FutureExt as _, future::LocalBoxFuture};
use schemars::JsonSchema as _;

use super::{
    Problem,
    admission::Admission,
    gatekeeper::{Gatekeeper, Visit},
    openapi::parameter,
    query::refuse_unclaimed,
};
use crate::{
    context::{Authentication, Pass, RequestContext},
    db::SessionScope,
    id::{GrantId, UserId},
    ports::VerifiedToken,
    principal::{Principal, PrincipalKind},
    problem::Code,
};

/// Somebody with a valid access token of the tenant: a user, or an operator with a grant.
#[derive(Debug, Clone)]
pub struct SignedIn(pub RequestContext);

/// Anybody; a token that may have been sent is not looked at.
#[derive(Debug, Clone)]
pub struct Anonymous(pub RequestContext);

/// As [`SignedIn`], and open to a session that still has to enrol its second factor.
#[derive(Debug, Clone)]
pub struct Enrolling(pub RequestContext);

/// Signed in when a token was sent, which must then be valid; anonymous otherwise.
#[derive(Debug, Clone)]
pub struct Caller(pub RequestContext);

impl SignedIn {
    /// The user, on routes about oneself; 403 `permission_denied` for an operator, who has no self in the tenant.
    pub fn user(&self) -> Result<UserId, Problem> {
        user(&self.0)
    }
}

impl Enrolling {
    /// As [`SignedIn::user`].
    pub fn user(&self) -> Result<UserId, Problem> {
        user(&self.0)
    }
}

fn user(context: &RequestContext) -> Result<UserId, Problem> {
    context.user_id().ok_or_else(|| Problem::new(Code::PermissionDenied))
}

impl Visit {
    async fn anonymous(self) -> Result<RequestContext, Problem> {
        let tenant = self.tenant.clone().await?;
        let context =
            RequestContext::new(tenant, Principal::SYSTEM, Pass::Open, (*self.origin).clone(), self.now);
        Ok(self.in_language(context))
    }

    async fn signed_in(self, enrolment: bool) -> Result<RequestContext, Problem> {
        let tenant = self.tenant.clone().await?;
        let token = self.token.clone().await?.ok_or_else(|| Problem::new(Code::TokenMissing))?;
        if token.tenant != tenant.id {
            return Err(Problem::new(Code::TokenInvalid));
        }
        if token.scope == SessionScope::Enrol && !enrolment {
            return Err(Problem::new(Code::TwoFactorRequired));
        }
        let pass = pass(&token, enrolment)?;
        let context = RequestContext::new(tenant, token.principal, pass, (*self.origin).clone(), self.now);
        let authentication = Authentication {
            amr: token.amr,
            at: Some(token.authenticated_at),
            until: Some(token.expires_at),
        };
        Ok(self.in_language(context.with_authentication(authentication)))
    }

    /// Signed in where a token was sent, anonymous otherwise.
    pub(super) async fn either(self) -> Result<RequestContext, Problem> {
        self.tenant.clone().await?;
        if self.token.clone().await?.is_some() { self.signed_in(false).await } else { self.anonymous().await }
    }

    fn in_language(&self, context: RequestContext) -> RequestContext {
        match self.locale {
            Some(locale) => context.with_locale(locale),
            None => context,
        }
    }
}

fn pass(token: &VerifiedToken, enrolment: bool) -> Result<Pass, Problem> {
    match token.principal.kind {
        PrincipalKind::User => Ok(Pass::Session { id: token.session, enrolment }),
        PrincipalKind::Operator => Ok(Pass::Grant(GrantId(token.session.0))),
        PrincipalKind::ServiceAccount | PrincipalKind::System => Err(Problem::new(Code::TokenInvalid)),
    }
}

macro_rules! extractor {
    ($name:ident, $context:expr, token: $token:expr, required: $required:expr) => {
        impl FromRequest for $name {
            type Error = Problem;
            type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let visit = Gatekeeper::visit(request);
                let admission = Admission::begin(request, async move { $context(visit?).await });
                let request = request.clone();
                async move {
                    let context = admission.await?;
                    refuse_unclaimed(&request).map(|()| Self(context))
                }
                .boxed_local()
            }
        }

        impl Deref for $name {
            type Target = RequestContext;

            fn deref(&self) -> &RequestContext {
                &self.0
            }
        }

        impl ApiComponent for $name {
            fn required() -> bool {
                $required
            }

            fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
                Vec::new()
            }

            fn schema() -> Option<(String, ReferenceOr<Schema>)> {
                None
            }

            fn securities() -> BTreeMap<String, SecurityScheme> {
                if $token { BTreeMap::from([bearer()]) } else { BTreeMap::new() }
            }

            fn security_requirement_name() -> Option<String> {
                $token.then(|| bearer().0)
            }

            fn parameters() -> Vec<Parameter> {
                vec![x_tenant()]
            }
        }
    };
}

extractor!(SignedIn, |visit: Visit| visit.signed_in(false), token: true, required: true);
extractor!(Enrolling, |visit: Visit| visit.signed_in(true), token: true, required: true);
extractor!(Caller, Visit::either, token: true, required: false);
extractor!(Anonymous, Visit::anonymous, token: false, required: true);

pub(super) fn bearer() -> (String, SecurityScheme) {
    let kind =
        SecurityType::Http(Http { scheme: "bearer".to_owned(), bearer_format: Some("JWT".to_owned()) });
    let description = Some("The access token of a sign-in".to_owned());
    (
        "bearer".to_owned(),
        SecurityScheme { _type: kind, description, extensions: apistos::IndexMap::default() },
    )
}

fn x_tenant() -> Parameter {
    parameter(
        ParameterIn::Header,
        "X-Tenant",
        "The tenant's slug; not needed where the host names the tenant",
        String::json_schema,
    )
}
