//! Users over HTTP. The app data must have a `web::Data<Users>`, and what `ouvira_common::http` asks for.

mod create;
mod delete;
mod edit_profile;
mod file;
mod import;
mod list;
mod profile;
mod read;
mod report;
mod update;
mod view;

pub use view::{CreateUser, UserFilters, view};

use apistos::web::{ServiceConfig, delete, get, patch, post, put, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/account/profile")
                .route(get().to(profile::profile))
                .route(put().to(edit_profile::replace))
                .route(patch().to(edit_profile::patch)),
        )
        .service(resource("/account/users").route(get().to(list::list)).route(post().to(create::create)))
        .service(resource("/account/users/import").route(post().to(import::import)))
        .service(
            resource("/account/users/{id}")
                .route(get().to(read::read))
                .route(patch().to(update::update))
                .route(delete().to(delete::delete)),
        );
}
