//! The API's documentation as pages: Swagger UI, Redoc, Scalar, and the document itself. All of it is in the program, so
//! that it works without internet and asks nobody else.

mod content;
mod document;
mod files;
#[cfg(test)]
mod tests;

use std::{future::ready, sync::Arc};

use actix_web::{
    HttpRequest, guard,
    web::{ServiceConfig, resource, route},
};

pub(crate) use self::document::OpenApiDocument;
use self::{content::Content, files::FILES};

/// Mounts the pages, and `document`, which they show.
#[expect(clippy::needless_pass_by_value, reason = "every thread's application is given its own reference")]
pub(crate) fn routes(config: &mut ServiceConfig, document: Arc<OpenApiDocument>) {
    for (paths, content) in FILES.iter() {
        paths.iter().for_each(|path| serve(config, path, content));
    }
    for path in ["/api/openapi.json", "/api/openapi.json/"] {
        serve(config, path, document.content());
    }
}

fn serve(config: &mut ServiceConfig, path: &str, content: &Arc<Content>) {
    let content = Arc::clone(content);
    let reading = guard::Any(guard::Get()).or(guard::Head());
    let answer = move |request: HttpRequest| ready(content.answer(&request));
    config.service(resource(path).route(route().guard(reading).to(answer)));
}
