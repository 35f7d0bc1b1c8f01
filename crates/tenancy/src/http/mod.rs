//! Tenants over HTTP. The app data must have a `web::Data<Tenancy>`, and what `ouvira_common::http` asks for.

mod list;
mod read;
mod settings;
mod view;

use apistos::web::{ServiceConfig, get, patch, put, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/tenants").route(get().to(list::list)))
        .service(resource("/tenants/{id}").route(get().to(read::read)))
        .service(
            resource("/tenants/{id}/settings")
                .route(get().to(settings::read))
                .route(put().to(settings::replace))
                .route(patch().to(settings::patch)),
        );
}
