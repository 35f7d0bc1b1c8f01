//! An error on its way to the caller.

use std::{borrow::Cow, error::Error as StdError, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};

use super::{
    detail::Detail,
    problem_document::{Document, MEDIA_TYPE},
};
use crate::{
    locale::Locale,
    problem::{Code, Failure, FieldError},
};

/// An error on its way to the caller. Made from any [`Failure`] by `?`; told as a problem document (RFC 9457) by
/// [`problems`](super::problems), which knows the request and its language.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    code: Code,
    detail: Option<Detail>,
    fields: Vec<FieldError>,
    retry_after: Option<u64>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// For the log.
    cause: Option<Cow<'static, str>>,
}

impl Problem {
    /// The problem with that code.
    pub fn new(code: Code) -> Self {
        let (detail, fields, headers, cause) = (None, Vec::new(), Vec::new(), None);
        let retry_after = (code.status() == 503).then_some(1);
        Self(Box::new(Parts { code, detail, fields, retry_after, headers, cause }))
    }

    /// A defect of ours: 500, with `cause` in the log only.
    pub fn internal(cause: impl Into<Cow<'static, str>>) -> Self {
        let mut this = Self::new(Code::InternalError);
        this.0.cause = Some(cause.into());
        this
    }

    /// The same with `Retry-After`, in seconds (RFC 9110 §10.2.3).
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The same with a header of its own.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The same with what exactly was wrong.
    #[must_use]
    pub(super) fn detail(mut self, detail: Detail) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// The stable code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Which fields of the request are meant.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// What the log should know and the caller must not.
    pub(super) fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// What exactly was wrong, in `locale`.
    pub(super) fn detail_text(&self, locale: Locale) -> Option<String> {
        self.0.detail.as_ref().map(|detail| detail.text(locale))
    }

    /// The headers that go with it.
    pub(super) fn headers(&self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        let challenge =
            (self.0.code.status() == 401).then(|| (header::WWW_AUTHENTICATE, challenge(self.0.code)));
        let retry_after = self.0.retry_after.map(|seconds| (header::RETRY_AFTER, seconds.into()));
        challenge.into_iter().chain(retry_after).chain(self.0.headers.iter().cloned())
    }
}

/// RFC 6750 §3: the reason is only told to who sent a token.
fn challenge(code: Code) -> HeaderValue {
    HeaderValue::from_static(if code == Code::TokenInvalid {
        r#"Bearer error="invalid_token""#
    } else {
        "Bearer"
    })
}

impl<E: Failure> From<E> for Problem {
    fn from(failure: E) -> Self {
        let mut this = Self::new(failure.code());
        this.0.fields = failure.fields().to_vec();
        this.0.retry_after = failure.retry_after();
        this.0.detail = failure.parameter().map(|name| Detail::BadParameter(name.to_owned()));
        if failure.code().status() >= 500 {
            this.0.cause = Some(chain(&failure).into());
        }
        this
    }
}

/// The error and what caused it, on one line.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let cause = error.to_string();
        // Transparent errors repeat what they wrap.
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        source = error.source();
    }
    text
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The document in English; [`problems`](super::problems) writes the one that is sent.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::build(self.status_code());
        for header in self.headers() {
            response.insert_header(header);
        }
        response.content_type(MEDIA_TYPE).json(Document::of(self, Locale::En))
    }
}
