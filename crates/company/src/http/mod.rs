//! Companies over HTTP. The app data must have a `web::Data<Companies>`, and what `ouvira_common::http` asks for.

mod create;
mod delete;
mod list;
mod read;
mod relocate;
mod restore;
mod settings;
mod tree;
mod update;
mod view;

pub use view::{CompanyStatus, CompanyView};

use apistos::web::{ServiceConfig, delete, get, patch, post, put, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/company").route(get().to(list::list)).route(post().to(create::create)))
        .service(
            resource("/company/{id}")
                .route(get().to(read::read))
                .route(put().to(update::replace))
                .route(patch().to(update::patch))
                .route(delete().to(delete::delete)),
        )
        .service(resource("/company/{id}/restore").route(post().to(restore::restore)))
        .service(resource("/company/{id}/move").route(post().to(relocate::relocate)))
        .service(resource("/company/{id}/tree").route(get().to(tree::tree)))
        .service(
            resource("/company/{id}/settings")
                .route(get().to(settings::read))
                .route(put().to(settings::replace))
                .route(patch().to(settings::patch)),
        );
}
