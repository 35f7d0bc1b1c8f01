//! Tenants over HTTP. The app data must have a `web::Data<Tenancy>` and a `web::Data<Tenants>`, where operators call a
//! `web::Data<ouvira_common::http::OperatorDesk>`, and what `ouvira_common::http` asks for.

mod asker;
mod create;
mod delete;
mod list;
mod made;
mod read;
mod settings;
mod state;
mod update;
mod view;

use actix_web::middleware::from_fn;
use apistos::web::{ServiceConfig, delete, get, patch, post, put, resource};

pub use view::TenantView;

use asker::recognise_operators;

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/tenants")
                .wrap(from_fn(recognise_operators))
                .route(get().to(list::list))
                .route(post().to(create::create)),
        )
        .service(
            resource("/tenants/{id}")
                .wrap(from_fn(recognise_operators))
                .route(get().to(read::read))
                .route(patch().to(update::update))
                .route(delete().to(delete::delete)),
        )
        .service(
            resource("/tenants/{id}/suspend")
                .wrap(from_fn(recognise_operators))
                .route(post().to(state::suspend)),
        )
        .service(
            resource("/tenants/{id}/resume")
                .wrap(from_fn(recognise_operators))
                .route(post().to(state::resume)),
        )
        .service(
            resource("/tenants/{id}/settings")
                .route(get().to(settings::read))
                .route(put().to(settings::replace))
                .route(patch().to(settings::patch)),
        );
}
