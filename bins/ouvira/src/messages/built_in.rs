//! The templates that come with the program.

use ouvira_common::locale::Locale;

/// Text and SMS of one message in one language.
pub(super) struct BuiltIn {
    pub(super) locale: Locale,
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    pub(super) sms: &'static str,
}

/// What mails in HTML have around them.
pub(super) const LAYOUT: &str = include_str!("../../assets/messages/layout.html");

macro_rules! file {
    ($locale:literal, $name:literal, $extension:literal) => {
        include_str!(concat!("../../assets/messages/", $locale, "/", $name, ".", $extension))
    };
}

macro_rules! built_in {
    ($($name:literal)*) => {
        &[$(
            BuiltIn { locale: Locale::En, name: $name, text: file!("en", $name, "txt"), sms: file!("en", $name, "sms") },
            BuiltIn { locale: Locale::Fr, name: $name, text: file!("fr", $name, "txt"), sms: file!("fr", $name, "sms") },
            BuiltIn { locale: Locale::De, name: $name, text: file!("de", $name, "txt"), sms: file!("de", $name, "sms") },
        )*]
    };
}

/// All of them.
pub(super) const BUILT_IN: &[BuiltIn] = built_in! {
    "account_locked"
    "address_changed"
    "address_code"
    "email_verification"
    "invitation"
    "login_code"
    "notification"
    "password_changed"
    "password_reset"
    "second_factor_changed"
    "session_ended_for_reuse"
    "set_password"
    "sign_in_new_device"
    "signup_code"
    "signup_existing_account"
};
