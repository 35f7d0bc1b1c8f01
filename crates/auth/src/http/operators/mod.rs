//! Operators over HTTP: no tenant is named, tokens are for the operators' routes, and cookies hold none of them.

mod grant;
mod login;
mod logout;
mod refresh;
mod second_factor;
mod view;

use apistos::web::{ServiceConfig, post, resource};

/// Mounts the routes, relative to `/api/v1`. The app data holds [`OperatorAuth`](crate::OperatorAuth) and the `OperatorDesk`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/auth/operator/login").route(post().to(login::login)))
        .service(resource("/auth/operator/login/2fa/totp").route(post().to(login::totp)))
        .service(resource("/auth/operator/login/2fa/backup-code").route(post().to(login::backup_code)))
        .service(resource("/auth/operator/token/refresh").route(post().to(refresh::refresh)))
        .service(resource("/auth/operator/logout").route(post().to(logout::logout)))
        .service(resource("/auth/operator/2fa/enable").route(post().to(second_factor::enable)))
        .service(resource("/auth/operator/2fa/confirm").route(post().to(second_factor::confirm)))
        .service(resource("/auth/operator/grants").route(post().to(grant::grant)));
}
