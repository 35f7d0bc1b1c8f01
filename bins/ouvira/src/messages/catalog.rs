//! Which messages there are, and which values they have.

/// A message and what it cannot be without.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Its name, as [`Message::template`](ouvira_common::messages::Message) has it.
    pub(super) name: &'static str,
    /// Values without which it says nothing. Others may be missing: lines that need them are left out.
    pub(super) needs: &'static [&'static str],
    /// The path below `APP_URL` that a `token` is put into a link with, when the message brings no link.
    pub(super) path: Option<&'static str>,
}

const fn kind(name: &'static str, needs: &'static [&'static str]) -> Kind {
    Kind { name, needs, path: None }
}

const fn linked(name: &'static str, path: &'static str) -> Kind {
    Kind { name, needs: &["link"], path: Some(path) }
}

/// All messages.
pub(super) const KINDS: &[Kind] = &[
    kind("signup_code", &["code"]),
    kind("signup_existing_account", &[]),
    kind("login_code", &["code"]),
    kind("address_code", &["code"]),
    linked("password_reset", "/password/reset"),
    linked("set_password", "/password/reset"),
    linked("email_verification", "/email/verify"),
    linked("invitation", "/invitations/accept"),
    kind("sign_in_new_device", &[]),
    kind("session_ended_for_reuse", &[]),
    kind("password_changed", &[]),
    kind("second_factor_changed", &[]),
    kind("address_changed", &[]),
    kind("account_locked", &[]),
    kind("notification", &["title"]),
];

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A name or the like, on one line.
    Text,
    /// What somebody has to say, on one line.
    Note,
    /// An address below `APP_URL`.
    Link,
    /// An instant, in the tenant's time zone.
    Moment,
    /// A whole number.
    Number,
}

/// Every value that a template may name.
pub(super) const VALUES: &[(&str, Form)] = &[
    ("tenant", Form::Text),
    ("code", Form::Text),
    ("minutes", Form::Number),
    ("link", Form::Link),
    ("at", Form::Moment),
    ("expires_at", Form::Moment),
    ("ip", Form::Text),
    ("device", Form::Text),
    ("address", Form::Text),
    ("company", Form::Text),
    ("inviter", Form::Text),
    ("message", Form::Note),
    ("title", Form::Text),
    ("body", Form::Note),
];

/// The message of that name.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}
