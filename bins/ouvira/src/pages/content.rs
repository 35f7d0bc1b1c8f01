//! Something that is served as it is, kept compressed.

use std::io::{Read as _, Write as _};

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::header::{self, AcceptEncoding, ETag, Encoding, EntityTag, IfNoneMatch},
    web::Bytes,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use sha2::{Digest as _, Sha256};

/// What the pages may do: run their own scripts and ask this service. The three programs set styles from their scripts,
/// and Redoc's search works in a worker that it makes itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Bytes with a name for their kind and their version.
#[derive(Debug)]
pub(super) struct Content {
    media_type: &'static str,
    gzip: Bytes,
    /// Weak (RFC 9110 §8.8.1): the same for the compressed and the plain form.
    tag: EntityTag,
}

impl Content {
    /// Content that is compressed already.
    pub(super) fn of_gzip(media_type: &'static str, gzip: impl Into<Bytes>) -> Self {
        let gzip = gzip.into();
        let digest = Sha256::digest(&gzip);
        let tag = EntityTag::new_weak(URL_SAFE_NO_PAD.encode(&digest[..12]));
        Self { media_type, gzip, tag }
    }

    /// Content to be compressed now.
    pub(super) fn of_plain(media_type: &'static str, plain: &[u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(plain).expect("memory takes what is written to it");
        Self::of_gzip(media_type, encoder.finish().expect("memory takes what is written to it"))
    }

    /// Answers `request`: compressed where that is accepted, and not again what the client has.
    pub(super) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = match request.get_header::<IfNoneMatch>() {
            Some(IfNoneMatch::Any) => true,
            Some(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            None => false,
        };
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response
            .insert_header(ETag(self.tag.clone()))
            // Asking each time costs a 304, and an upgrade shows at once.
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "accept-encoding"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY));
        if known {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.media_type));
        if takes_gzip(request) {
            return response.insert_header((header::CONTENT_ENCODING, "gzip")).body(self.gzip.clone());
        }
        let mut plain = Vec::new();
        GzDecoder::new(&*self.gzip).read_to_end(&mut plain).expect("what is in the program was packed by us");
        response.body(plain)
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    request.get_header::<AcceptEncoding>().and_then(|accepted| accepted.negotiate(offered.iter()))
        == Some(Encoding::gzip())
}
