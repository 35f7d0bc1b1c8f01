//! What the pages are made of.

use std::sync::{Arc, LazyLock};

use super::content::Content;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

macro_rules! ours {
    ($media_type:ident, $file:literal) => {
        Arc::new(Content::of_plain($media_type, include_bytes!(concat!("../../assets/docs/", $file))))
    };
}

/// Programs of others: `assets/docs/NOTICE` says whose, `vendor.sh` where from.
macro_rules! theirs {
    ($media_type:ident, $file:literal) => {
        Arc::new(Content::of_gzip(
            $media_type,
            &include_bytes!(concat!("../../assets/docs/", $file, ".gz"))[..],
        ))
    };
}

/// Every file, with the paths that it is found at.
pub(super) static FILES: LazyLock<Vec<(&[&str], Arc<Content>)>> = LazyLock::new(|| {
    vec![
        (&["/api/docs", "/api/docs/"], ours!(HTML, "index.html")),
        (&["/api/docs/docs.css"], ours!(CSS, "docs.css")),
        (&["/swagger", "/swagger/"], ours!(HTML, "swagger.html")),
        (&["/swagger/start.js"], ours!(JS, "swagger.js")),
        (&["/swagger/swagger-ui-bundle.js"], theirs!(JS, "swagger-ui-bundle.js")),
        (&["/swagger/swagger-ui.css"], theirs!(CSS, "swagger-ui.css")),
        (&["/redoc", "/redoc/"], ours!(HTML, "redoc.html")),
        (&["/redoc/start.js"], ours!(JS, "redoc.js")),
        (&["/redoc/redoc.standalone.js"], theirs!(JS, "redoc.standalone.js")),
        (&["/scalar", "/scalar/"], ours!(HTML, "scalar.html")),
        (&["/scalar/start.js"], ours!(JS, "scalar.js")),
        (&["/scalar/scalar.standalone.js"], theirs!(JS, "scalar.standalone.js")),
    ]
});
