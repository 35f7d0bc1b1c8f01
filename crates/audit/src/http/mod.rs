//! Logs and notifications over HTTP. The app data must have a `web::Data<Audit>`, a `web::Data<Live>`, and what `ouvira_common::http` asks for.

mod activity;
mod activity_view;
mod export;
mod notification_preferences;
mod notifications;
mod proof_view;
mod proofs;
mod security;
mod stream;

use apistos::web::{ServiceConfig, get, post, put, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/audit/activity-logs").route(get().to(activity::list)))
        .service(resource("/audit/activity-logs/my").route(get().to(activity::list_own)))
        .service(resource("/audit/activity-logs/{id}/proof").route(get().to(proofs::prove_activity)))
        .service(resource("/audit/checkpoints").route(get().to(proofs::list_checkpoints)))
        .service(resource("/audit/consistency").route(get().to(proofs::prove_consistency)))
        .service(resource("/audit/security-logs").route(get().to(security::list)))
        .service(resource("/audit/notifications").route(get().to(notifications::list)))
        .service(resource("/audit/notifications/unread-count").route(get().to(notifications::count_unread)))
        .service(resource("/audit/notifications/mark-read").route(post().to(notifications::mark_read)))
        .service(resource("/audit/notifications/stream").route(get().to(stream::stream)))
        .service(resource("/audit/notifications/stream-tickets").route(post().to(stream::issue_ticket)))
        .service(
            resource("/audit/notification-preferences")
                .route(get().to(notification_preferences::read))
                .route(put().to(notification_preferences::replace)),
        );
}
