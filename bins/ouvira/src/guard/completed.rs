//! An error that reaches actix itself, whose answer has to be completed too.

use std::fmt;

use actix_web::{
    Error, HttpResponse, ResponseError, body::BoxBody, http::StatusCode, http::header::HeaderValue,
};

use super::Guard;

/// An error of a layer within, such as a handler that panicked: actix makes the answer when nobody is left to see it.
#[derive(Debug)]
pub(super) struct Completed {
    pub(super) error: Error,
    pub(super) guard: Guard,
    pub(super) origin: Option<HeaderValue>,
}

impl fmt::Display for Completed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl ResponseError for Completed {
    fn status_code(&self) -> StatusCode {
        self.error.as_response_error().status_code()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = self.error.error_response();
        self.guard.complete(self.origin.as_ref(), response.headers_mut());
        response
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, test, web};
    use ouvira_common::http::{problems, request_ids};

    use crate::{
        config::{Config, Purpose},
        guard::{Guard, answers},
    };

    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }

    #[actix_web::test]
    async fn a_handler_that_panics_is_answered_with_all_headers() {
        let config = Config::load(Purpose::Look, |_| None).unwrap();
        let app = App::new()
            .route("/", web::get().to(panics))
            .wrap(problems())
            .wrap(request_ids())
            .wrap(answers(&Guard::new(&config)));
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/").insert_header(("origin", "http://localhost:3000"));
        let error = test::try_call_service(&app, request.to_request()).await.unwrap_err();
        let response = error.error_response();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers().get("access-control-allow-origin").unwrap(), "http://localhost:3000");
        assert_eq!(response.headers().get("content-type").unwrap(), "application/problem+json");
        assert!(response.headers().contains_key("content-security-policy"));
        assert!(response.headers().contains_key("x-request-id"));
    }
}
