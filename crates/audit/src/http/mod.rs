//! Logs and notifications over HTTP. The app data must have a `web::Data<Audit>`, and what `ouvira_common::http` asks for.

mod activity;
mod activity_view;
mod export;
mod notifications;
mod security;

use apistos::web::{ServiceConfig, get, post, resource};

/// The routes of this domain, relative to `/api/v1`.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/audit/activity-logs").route(get().to(activity::list)))
        .service(resource("/audit/activity-logs/my").route(get().to(activity::list_own)))
        .service(resource("/audit/security-logs").route(get().to(security::list)))
        .service(resource("/audit/notifications").route(get().to(notifications::list)))
        .service(resource("/audit/notifications/unread-count").route(get().to(notifications::count_unread)))
        .service(resource("/audit/notifications/mark-read").route(post().to(notifications::mark_read)));
}
