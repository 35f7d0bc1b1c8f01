//! Webhooks over HTTP. The app data must have a `web::Data<Webhooks>`, and what `ouvira_common::http` asks for.

mod deliveries;
mod view;
mod webhooks;

pub use view::{DeliveryState, DeliveryView, PausedBecause, WebhookStatus, WebhookView};

use apistos::web::{ServiceConfig, delete, get, patch, post, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(
            resource("/audit/webhooks").route(get().to(webhooks::list)).route(post().to(webhooks::create)),
        )
        .service(
            resource("/audit/webhooks/{id}")
                .route(get().to(webhooks::read))
                .route(patch().to(webhooks::patch))
                .route(delete().to(webhooks::delete)),
        )
        .service(resource("/audit/webhooks/{id}/rotate-secret").route(post().to(webhooks::rotate_secret)))
        .service(resource("/audit/webhooks/{id}/deliveries").route(get().to(deliveries::list)))
        .service(
            resource("/audit/webhooks/{id}/deliveries/{delivery_id}/replay")
                .route(post().to(deliveries::replay)),
        );
}
