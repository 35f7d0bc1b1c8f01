//! What browsers with a session in cookies send: [`cookie_sessions`] turns it into what the rest of the service knows.

mod guard;
mod refresh;

pub(super) use guard::check;
pub use guard::{CookieOrigins, cookie_sessions};
pub(super) use refresh::ShownRefreshToken;
