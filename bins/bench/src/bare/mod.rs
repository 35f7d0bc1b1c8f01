//! The yardstick: for each measured route a handler that does the same SQL work with prepared statements and nothing else;
//! no tenant, no token, no rights, no audit. It shows what the machine can do.

mod companies;
mod create_company;
mod fixture;
mod noop;
mod password;
mod pool;
mod profile;
mod refresh;
mod session;
#[cfg(test)]
mod tests;

use actix_web::{App, HttpServer, ResponseError, web};

pub(crate) use self::fixture::fill;
use self::{password::Hasher, pool::Pool};
use crate::{cli::BareOptions, error::BenchError};

/// `GET` here does nothing, and so is always ready.
pub(crate) const NOOP: &str = "/noop";
/// `POST` here hashes a password.
pub(crate) const HASH: &str = "/hash";
/// `POST` here refreshes a session.
pub(crate) const REFRESH: &str = "/refresh";

/// A statement failed; there is nothing that the one who asked could do about it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Failed(#[from] tokio_postgres::Error);

impl ResponseError for Failed {}

/// Serves the bare handlers until told to end by a signal.
pub(crate) async fn serve(options: BareOptions) -> Result<(), BenchError> {
    let BareOptions { listen, database, workers, pool } = options;
    let hasher = Hasher::start(workers);
    HttpServer::new(move || {
        let url = database.clone();
        App::new()
            .data_factory(move || {
                let url = url.clone();
                async move { Pool::open(&url, pool).await }
            })
            .app_data(web::Data::new(hasher.clone()))
            .route(NOOP, web::get().to(noop::handle))
            .route(HASH, web::post().to(password::handle))
            .route(REFRESH, web::post().to(refresh::handle))
            .route("/profile/{user}", web::get().to(profile::handle))
            .route("/session/{session}", web::get().to(session::handle))
            .route("/users/{user}/companies", web::get().to(companies::handle))
            .route("/users/{user}/companies", web::post().to(create_company::handle))
    })
    .workers(workers)
    .bind(listen)
    .map_err(BenchError::io(format!("listen at {listen}")))?
    .run()
    .await
    .map_err(BenchError::io("serve"))
}
