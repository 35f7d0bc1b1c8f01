//! Reads one variable after the other, and notes what was read and what was wrong.

use std::{fmt, fs};

use ouvira_common::secret::Secret;
use serde::Serialize;

use super::Mistakes;

/// Why a value is not taken, in words that follow the variable's name: `must be …`.
pub(super) type Refusal = String;

/// A variable as `config print` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its value or default; of a secret `set`, of what is left out nothing.
    pub(crate) value: Option<String>,
    /// Whether it was given, rather than left to its default.
    pub(crate) given: bool,
}

impl fmt::Display for Setting {
    /// As a line of `.env`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, given } = self;
        match (value, given) {
            (None, _) => write!(f, "#{name}="),
            (Some(value), true) => write!(f, "{name}={value}"),
            (Some(value), false) => write!(f, "{name}={value}  # default"),
        }
    }
}

/// The variables of one start.
pub(super) struct Source<'a> {
    env: &'a dyn Fn(&str) -> Option<String>,
    settings: Vec<Setting>,
    mistakes: Mistakes,
}

impl<'a> Source<'a> {
    /// What `env` answers, after the mistakes that were found on the way to it.
    pub(super) fn new(env: &'a dyn Fn(&str) -> Option<String>, mistakes: Mistakes) -> Self {
        Self { env, settings: Vec::new(), mistakes }
    }

    /// The value of `name`, or of the file that `name` with `_FILE` names. An empty one counts as left out.
    fn raw(&mut self, name: &'static str) -> Option<String> {
        let given = |name: &str| (self.env)(name).filter(|value| !value.trim().is_empty());
        let file = format!("{name}_FILE");
        match (given(name), given(&file)) {
            (value, None) => value.map(|value| value.trim().to_owned()),
            (None, Some(path)) => match fs::read_to_string(path.trim()) {
                Ok(content) => Some(content.trim().to_owned()).filter(|content| !content.is_empty()),
                Err(error) => {
                    self.mistakes.add(name, format!("the file of {file} cannot be read: {error}"));
                    None
                }
            },
            (Some(_), Some(_)) => {
                self.mistakes.add(name, format!("is given twice, by {file} too"));
                None
            }
        }
    }

    fn note(&mut self, name: &'static str, value: Option<&str>, given: bool) {
        self.settings.push(Setting { name, value: value.map(str::to_owned), given });
    }

    /// A value without a default.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        let text = self.raw(name);
        self.note(name, text.as_deref(), text.is_some());
        let text = text?;
        parse(&text).map_err(|refusal| self.mistakes.add(name, format!("{refusal}, not {text:?}"))).ok()
    }

    /// A value with a default, which `parse` takes.
    pub(super) fn or<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> T {
        let text = self.raw(name);
        self.note(name, Some(text.as_deref().unwrap_or(default)), text.is_some());
        let parsed = match text {
            None => None,
            Some(text) => parse(&text)
                .map_err(|refusal| self.mistakes.add(name, format!("{refusal}, not {text:?}")))
                .ok(),
        };
        parsed.or_else(|| parse(default).ok()).expect("a default is well formed")
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, name: &'static str, default: &str, choices: &[(&str, T)]) -> T {
        self.or(name, default, |text| {
            let found = choices.iter().find(|(word, _)| *word == text);
            found.map(|(_, value)| *value).ok_or_else(|| {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                format!("must be {}", words.join(" or "))
            })
        })
    }

    /// Comma-separated values; `None` when the variable is left out.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<Vec<T>> {
        let text = self.raw(name);
        self.note(name, text.as_deref(), text.is_some());
        let mut items = Vec::new();
        for item in text?.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            match parse(item) {
                Ok(item) => items.push(item),
                Err(refusal) => self.mistakes.add(name, format!("{refusal}, not {item:?}")),
            }
        }
        Some(items)
    }

    /// A secret: neither `config print` nor a mistake shows it, and no refusal may.
    pub(super) fn secret<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        let text = self.raw(name);
        self.note(name, text.as_ref().map(|_| "set"), text.is_some());
        parse(&text?).map_err(|refusal| self.mistakes.add(name, refusal)).ok()
    }

    /// A mistake that shows only beside another variable.
    pub(super) fn mistake(&mut self, name: &str, message: &str) {
        self.mistakes.add(name, message);
    }

    /// All that was read, and all that was wrong.
    pub(super) fn finish(self) -> (Vec<Setting>, Mistakes) {
        (self.settings, self.mistakes)
    }
}

/// Takes any text.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of the other parsers")]
pub(super) fn text(text: &str) -> Result<String, Refusal> {
    Ok(text.to_owned())
}

/// Takes any text as a secret.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of the other parsers")]
pub(super) fn secret(text: &str) -> Result<Secret, Refusal> {
    Ok(Secret::new(text))
}
