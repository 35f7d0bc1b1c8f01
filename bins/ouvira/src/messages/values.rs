//! The values of a message, as they are written into its text.

use chrono_tz::Tz;
use ouvira_common::{messages::Message, tenant::Tenant, time::Timestamp};
use serde_json::{Map, Value};

use super::{
    catalog::{Form, Kind, VALUES},
    moment, number,
    render::RenderError,
    text::Values,
};
use crate::config::WebAddress;

/// Longest name or the like, in characters: what people call themselves is no place for a letter.
const TEXT_MAX: usize = 80;
/// Longest note, in characters.
const NOTE_MAX: usize = 1000;

/// What is written for each value that `message` brings, and for the tenant's name.
pub(super) fn of(
    kind: &Kind,
    message: &Message,
    tenant: &Tenant,
    app_url: &WebAddress,
) -> Result<Values, RenderError> {
    let zone: Tz = tenant.settings.timezone.parse().unwrap_or(Tz::UTC);
    let mut values = Values::from([("tenant", line(&tenant.name, TEXT_MAX))]);
    for (name, form) in VALUES.iter().filter(|(name, _)| *name != "tenant") {
        let Some(text) = message.data.get(*name).and_then(plain) else { continue };
        let written = match form {
            Form::Text => line(&text, TEXT_MAX),
            Form::Note => line(&text, NOTE_MAX),
            Form::Link if leads_to(app_url, &text) => text,
            Form::Link => return Err(RenderError::ForeignLink),
            Form::Moment => {
                let at: Timestamp = text.parse().map_err(|_| RenderError::Invalid(name))?;
                moment::written(at, zone, message.locale)
            }
            Form::Number => {
                let number = text.parse().map_err(|_| RenderError::Invalid(name))?;
                number::written(number, message.locale)
            }
        };
        values.insert(name, written);
    }
    if let (Some(path), Some(token), false) =
        (kind.path, message.data.get("token").and_then(plain), values.contains_key("link"))
    {
        values.insert("link", app_url.with_token(path, &token));
    }
    match kind.needs.iter().find(|name| !values.contains_key(*name)) {
        Some(missing) => Err(RenderError::Missing(missing)),
        None => Ok(values),
    }
}

/// What programs that read the development inbox look for: the code, the link, and the token in it.
pub(super) fn for_programs(message: &Message, values: &Values) -> Map<String, Value> {
    let link = values.get("link").cloned();
    let token = message.data.get("token").and_then(plain).or_else(|| {
        let query = reqwest::Url::parse(link.as_deref()?).ok()?;
        query.query_pairs().find(|(name, _)| name == "token").map(|(_, token)| token.into_owned())
    });
    let found = [("code", values.get("code").cloned()), ("token", token), ("link", link)];
    found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// At most `longest` characters on one line, without control characters, and without an address that a mail program
/// would make a link of.
fn line(text: &str, longest: usize) -> String {
    let text: String = text
        .replace("://", ":")
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(longest)
        .collect();
    text.trim().to_owned()
}

fn leads_to(app_url: &WebAddress, link: &str) -> bool {
    let below = link.strip_prefix(app_url.as_str());
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        && !link.contains(|c: char| c.is_whitespace() || c.is_control())
}
