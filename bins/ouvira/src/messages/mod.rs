//! What the service says to people: mail and SMS in three languages, from templates that a deployment may replace.
//!
//! A template is text with `{values}`; [`text`] says how it is written. There is one per language and message, as
//! `<locale>/<template>.txt` for mail and `.sms` for SMS. The HTML of a mail is made from its text, in `layout.html`, so that
//! the two cannot say different things; a deployment that wants more gives `<locale>/<template>.html` itself.

mod built_in;
mod catalog;
mod gsm;
mod html;
mod load;
mod moment;
mod number;
mod render;
#[cfg(test)]
mod tests;
mod text;
mod values;

pub(crate) use self::{load::Templates, render::Rendered};
