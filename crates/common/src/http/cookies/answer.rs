//! What a sign-in answers, with its tokens in the body or in cookies.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, cookie::Cookie};
use apistos::{ApiComponent, Schema, paths::Responses, reference_or::ReferenceOr};
use schemars::JsonSchema;
use serde::Serialize;

use super::{SessionKind, cookies_of, csrf, expired_cookies};
use crate::{
    context::RequestContext,
    db::SessionScope,
    http::{LoginResultView, TokenPairView, UserView},
    ports::{IssuedTokens, Person},
};

/// A session whose tokens are in cookies.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CookieSessionView {
    /// To be sent as `X-CSRF-Token` with everything but GET, HEAD and OPTIONS.
    pub csrf_token: String,
    /// Seconds until the session has to be refreshed.
    pub expires_in: u64,
    /// Seconds the session lives when it is not.
    pub refresh_expires_in: u64,
}

/// How a sign-in went on whose tokens are in cookies.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum CookieLoginResultView {
    /// Signed in.
    Authenticated {
        /// To be sent as `X-CSRF-Token` with everything but GET, HEAD and OPTIONS.
        csrf_token: String,
        /// Seconds until the session has to be refreshed.
        expires_in: u64,
        /// Seconds the session lives when it is not.
        refresh_expires_in: u64,
        /// Who signed in.
        user: Box<UserView>,
    },
    /// The tenant wants a second factor of everybody: good for enrolling one, and for logging out.
    TwoFactorSetupRequired {
        /// To be sent as `X-CSRF-Token` with everything but GET, HEAD and OPTIONS.
        csrf_token: String,
        /// Seconds until the session has to be refreshed.
        expires_in: u64,
        /// Seconds the session lives when it is not.
        refresh_expires_in: u64,
    },
}

/// The answer to a sign-in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum LoginAnswerView {
    /// With the tokens in it.
    Bearer(LoginResultView),
    /// With `"session": "cookie"`.
    Cookie(CookieLoginResultView),
}

/// The answer to a refresh.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum TokenAnswerView {
    /// With the tokens in it.
    Bearer(TokenPairView),
    /// For a session in cookies.
    Cookie(CookieSessionView),
}

/// An answer that sets cookies.
#[derive(Debug)]
pub struct WithCookies<R> {
    answer: R,
    cookies: Vec<Cookie<'static>>,
}

impl<R> WithCookies<R> {
    /// An answer that sets none.
    pub fn none(answer: R) -> Self {
        Self { answer, cookies: Vec::new() }
    }

    /// An answer after which a browser that had its session in cookies has none.
    pub fn cleared(answer: R, kind: SessionKind) -> Self {
        let cookies = if kind == SessionKind::Cookie { expired_cookies() } else { Vec::new() };
        Self { answer, cookies }
    }
}

impl<R: Responder<Body = BoxBody>> Responder for WithCookies<R> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.answer.respond_to(request);
        for cookie in &self.cookies {
            response.add_cookie(cookie).expect("base64 and dots are fine in a cookie");
        }
        response
    }
}

impl<R: ApiComponent> ApiComponent for WithCookies<R> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        R::child_schemas()
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        R::schema()
    }

    fn responses(content_type: Option<String>) -> Option<Responses> {
        R::responses(content_type)
    }
}

/// The answer to a sign-in, before it has a status.
#[derive(Debug)]
pub struct LoginAnswer {
    view: LoginAnswerView,
    cookies: Vec<Cookie<'static>>,
}

impl LoginAnswer {
    /// `person` was signed in with `tokens`, perhaps only as far as enrolling a second factor; who asked wants them there.
    pub fn signed_in(
        ctx: &RequestContext,
        tokens: &IssuedTokens,
        person: &Person,
        kind: SessionKind,
    ) -> Self {
        match (kind, tokens.scope) {
            (_, SessionScope::Enrol) => Self::setup_required(ctx, tokens, kind),
            (SessionKind::Bearer, SessionScope::Full) => {
                Self::in_body(LoginResultView::signed_in(tokens, person))
            }
            (SessionKind::Cookie, SessionScope::Full) => {
                let CookieSessionView { csrf_token, expires_in, refresh_expires_in } = session(ctx, tokens);
                let user = Box::new(UserView::from(person));
                let view =
                    CookieLoginResultView::Authenticated { csrf_token, expires_in, refresh_expires_in, user };
                Self { view: LoginAnswerView::Cookie(view), cookies: cookies_of(tokens) }
            }
        }
    }

    /// Somebody was signed in as far as enrolling a second factor.
    pub fn setup_required(ctx: &RequestContext, tokens: &IssuedTokens, kind: SessionKind) -> Self {
        if kind == SessionKind::Bearer {
            return Self::in_body(LoginResultView::setup_required(tokens));
        }
        let CookieSessionView { csrf_token, expires_in, refresh_expires_in } = session(ctx, tokens);
        let view =
            CookieLoginResultView::TwoFactorSetupRequired { csrf_token, expires_in, refresh_expires_in };
        Self { view: LoginAnswerView::Cookie(view), cookies: cookies_of(tokens) }
    }

    /// Everything in the body: also what is the same whatever was asked for, since nobody is signed in yet.
    pub fn in_body(view: LoginResultView) -> Self {
        Self { view: LoginAnswerView::Bearer(view), cookies: Vec::new() }
    }

    /// With the status that `status` gives.
    pub fn with<R>(self, status: impl FnOnce(LoginAnswerView) -> R) -> WithCookies<R> {
        WithCookies { answer: status(self.view), cookies: self.cookies }
    }
}

/// The answer to a refresh, before it has a status.
#[derive(Debug)]
pub struct TokenAnswer;

impl TokenAnswer {
    /// How a pair is answered to a session of that kind.
    pub fn of<R>(
        ctx: &RequestContext,
        tokens: &IssuedTokens,
        kind: SessionKind,
        status: impl FnOnce(TokenAnswerView) -> R,
    ) -> WithCookies<R> {
        let (view, cookies) = match kind {
            SessionKind::Bearer => (TokenAnswerView::Bearer(tokens.into()), Vec::new()),
            SessionKind::Cookie => (TokenAnswerView::Cookie(session(ctx, tokens)), cookies_of(tokens)),
        };
        WithCookies { answer: status(view), cookies }
    }
}

fn session(ctx: &RequestContext, tokens: &IssuedTokens) -> CookieSessionView {
    CookieSessionView {
        csrf_token: csrf::token(&ctx.tenant().data_key, tokens.session),
        expires_in: tokens.expires_in,
        refresh_expires_in: tokens.refresh_expires_in,
    }
}
