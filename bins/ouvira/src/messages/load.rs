//! Reading templates, at the start: what is wrong with one shows then, and not when somebody waits for a code.

use std::{collections::HashMap, fmt, fs, path::Path};

use ouvira_common::locale::Locale;

use super::{
    built_in::{BUILT_IN, LAYOUT},
    catalog::{self, VALUES},
    text::Text,
};
use crate::config::WebAddress;

const SUBJECT: &str = "Subject: ";
const LAYOUT_FILE: &str = "layout.html";
const LAYOUT_VALUES: &[&str] = &["locale", "tenant", "subject", "body"];

/// All templates.
#[derive(Debug)]
pub(crate) struct Templates {
    app_url: WebAddress,
    layout: Text,
    by_name: HashMap<(Locale, &'static str), Template>,
}

/// One message in one language.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub(super) subject: Text,
    pub(super) text: Text,
    pub(super) sms: Text,
    /// A deployment's own; by default it is made from the text.
    pub(super) html: Option<Text>,
}

/// Templates that cannot be used: a line for each mistake, beginning with its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateError(Vec<String>);

impl TemplateError {
    /// A line for each mistake.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.iter().map(|mistake| format!("MESSAGE_TEMPLATES: {mistake}")).collect()
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl std::error::Error for TemplateError {}

impl Templates {
    /// The built-in templates, and in their stead those of `directory`. Links begin with `app_url`. Blocks on the file
    /// system.
    pub(crate) fn load(app_url: WebAddress, directory: Option<&Path>) -> Result<Self, TemplateError> {
        let mut this = Self { app_url, layout: Text::default(), by_name: HashMap::new() };
        let mut mistakes = Vec::new();
        let built_in = |name: &str| format!("{name} of the program");
        this.set_layout(LAYOUT)
            .unwrap_or_else(|mistake| mistakes.push(format!("{}: {mistake}", built_in(LAYOUT_FILE))));
        for file in BUILT_IN {
            for (extension, content) in [("txt", file.text), ("sms", file.sms)] {
                this.set(file.locale, file.name, extension, content)
                    .unwrap_or_else(|mistake| mistakes.push(format!("{}: {mistake}", built_in(file.name))));
            }
        }
        if let Some(directory) = directory {
            this.override_from(directory, &mut mistakes);
        }
        if mistakes.is_empty() { Ok(this) } else { Err(TemplateError(mistakes)) }
    }

    /// `APP_URL`.
    pub(super) fn app_url(&self) -> &WebAddress {
        &self.app_url
    }

    /// What mails in HTML have around them.
    pub(super) fn layout(&self) -> &Text {
        &self.layout
    }

    /// The template of that name in that language.
    pub(super) fn find(&self, name: &'static str, locale: Locale) -> Option<&Template> {
        self.by_name.get(&(locale, name))
    }

    fn override_from(&mut self, directory: &Path, mistakes: &mut Vec<String>) {
        for (file, content) in files(directory, mistakes) {
            let taken =
                if file == LAYOUT_FILE { self.set_layout(&content) } else { self.set_file(&file, &content) };
            taken.unwrap_or_else(|mistake| mistakes.push(format!("{file}: {mistake}")));
        }
    }

    fn set_file(&mut self, file: &str, content: &str) -> Result<(), String> {
        let no_template = || "is not <locale>/<template>.txt, .html or .sms of a known template".to_owned();
        let (locale, name) = file.split_once('/').ok_or_else(no_template)?;
        let (name, extension) = name.rsplit_once('.').ok_or_else(no_template)?;
        let locale =
            Locale::ALL.into_iter().find(|known| known.as_str() == locale).ok_or_else(no_template)?;
        let kind = catalog::find(name).ok_or_else(no_template)?;
        if ["txt", "html", "sms"].contains(&extension) {
            self.set(locale, kind.name, extension, content)
        } else {
            Err(no_template())
        }
    }

    fn set_layout(&mut self, content: &str) -> Result<(), String> {
        self.layout = Text::parse(content, LAYOUT_VALUES).map_err(|name| unknown(&name))?;
        if self.layout.has("body") { Ok(()) } else { Err("has no {body}".to_owned()) }
    }

    fn set(
        &mut self,
        locale: Locale,
        name: &'static str,
        extension: &str,
        content: &str,
    ) -> Result<(), String> {
        let known: Vec<&'static str> = VALUES.iter().map(|(name, _)| *name).collect();
        let template = self.by_name.entry((locale, name)).or_default();
        let (subject, body) = if extension == "txt" {
            let (first, body) = content.split_once('\n').unwrap_or((content, ""));
            let subject =
                first.trim_end().strip_prefix(SUBJECT).ok_or("does not begin with a line Subject: …")?;
            (Some(Text::parse(subject, &known).map_err(|name| unknown(&name))?), body.trim_start())
        } else {
            (None, content)
        };
        let text = Text::parse(body, &known).map_err(|name| unknown(&name))?;
        let needs = catalog::find(name).map_or(&[][..], |kind| kind.needs);
        if let Some(missing) = needs.iter().find(|name| !text.has(name)) {
            return Err(format!("has no {{{missing}}}"));
        }
        match (subject, extension) {
            (Some(subject), _) => (template.subject, template.text) = (subject, text),
            (None, "sms") => template.sms = text,
            (None, _) => template.html = Some(text),
        }
        Ok(())
    }
}

fn unknown(name: &str) -> String {
    format!("{{{name}}} is not a value of messages")
}

/// The files of `directory` and of the directories in it, by their path below it; hidden ones do not count.
fn files(directory: &Path, mistakes: &mut Vec<String>) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut waiting = vec![(String::new(), directory.to_owned())];
    while let Some((prefix, path)) = waiting.pop() {
        let entries = fs::read_dir(&path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let entries = entries.unwrap_or_else(|error| {
            mistakes.push(format!("{}: cannot be read: {error}", path.display()));
            Vec::new()
        });
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let file = format!("{prefix}{name}");
            if prefix.is_empty() && entry.path().is_dir() {
                waiting.push((format!("{file}/"), entry.path()));
                continue;
            }
            match fs::read_to_string(entry.path()) {
                Ok(content) => files.push((file, content)),
                Err(error) => mistakes.push(format!("{file}: cannot be read: {error}")),
            }
        }
    }
    files.sort();
    files
}
