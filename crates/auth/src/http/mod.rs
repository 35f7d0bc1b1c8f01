//! Signing in over HTTP.

mod change_address;
mod cookies;
mod email;
mod finalize_sign_up;
mod jwks;
mod login;
mod login_second_factor;
mod logout;
mod operators;
mod options;
mod password;
mod reauthenticate;
mod refresh;
mod resend_code;
mod second_factor;
mod sessions;
mod sign_up;
mod verify_code;
mod view;

use apistos::web::{ServiceConfig, delete, get, post, resource};

/// Mounts the routes, relative to `/api/v1`. The app data holds [`Auth`](crate::Auth), and for
/// operators [`OperatorAuth`](crate::OperatorAuth) and an `OperatorDesk`.
pub fn routes(config: &mut ServiceConfig) {
    operators::routes(config);
    config
        .service(resource("/auth/config").route(get().to(options::options)))
        .service(resource("/auth/signup").route(post().to(sign_up::sign_up)))
        .service(resource("/auth/resend-otp").route(post().to(resend_code::resend_code)))
        .service(resource("/auth/verify-otp").route(post().to(verify_code::verify_code)))
        .service(resource("/auth/finalize-signup").route(post().to(finalize_sign_up::finalize_sign_up)))
        .service(resource("/auth/login").route(post().to(login::login)))
        .service(resource("/auth/login/2fa/totp").route(post().to(login_second_factor::totp)))
        .service(resource("/auth/login/2fa/backup-code").route(post().to(login_second_factor::backup_code)))
        .service(resource("/auth/2fa/enable").route(post().to(second_factor::enable)))
        .service(resource("/auth/2fa/confirm").route(post().to(second_factor::confirm)))
        .service(resource("/auth/2fa/disable").route(post().to(second_factor::disable)))
        .service(resource("/auth/2fa/backup-codes").route(post().to(second_factor::renew_codes)))
        .service(resource("/auth/token/refresh").route(post().to(refresh::refresh)))
        .service(resource("/auth/reauthenticate").route(post().to(reauthenticate::reauthenticate)))
        .service(resource("/auth/password/change").route(post().to(password::change)))
        .service(resource("/auth/password/forgot").route(post().to(password::forgot)))
        .service(resource("/auth/password/reset").route(post().to(password::reset)))
        .service(resource("/auth/email/verify").route(post().to(email::verify)))
        .service(resource("/auth/email/resend").route(post().to(email::resend)))
        .service(resource("/account/profile/email").route(post().to(change_address::email)))
        .service(resource("/account/profile/email/confirm").route(post().to(change_address::confirm_email)))
        .service(resource("/account/profile/phone").route(post().to(change_address::phone)))
        .service(resource("/account/profile/phone/confirm").route(post().to(change_address::confirm_phone)))
        .service(resource("/auth/logout").route(post().to(logout::logout)))
        .service(resource("/auth/jwks").route(get().to(jwks::jwks)))
        .service(
            resource("/auth/sessions")
                .route(get().to(sessions::list_sessions))
                .route(delete().to(sessions::end_other_sessions)),
        )
        .service(resource("/auth/sessions/{id}").route(delete().to(sessions::end_session)));
}

/// The handler of `/.well-known/jwks.json`, for the shell to mount at the root.
pub use jwks::jwks as well_known_jwks;

pub use cookies::{CookieOrigins, cookie_sessions};
