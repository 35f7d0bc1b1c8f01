//! `docs/problems.md`, made from the table that the answers are made from.

use std::fmt::Write as _;

use crate::{
    locale::Locale,
    problem::{Code, FieldCode},
};

const INTRODUCTION: &str = "\
# Problems

Made from the table of codes in `crates/common/src/problem/table.rs`.

Every answer with a status of 400 or more is a problem document (RFC 9457): `application/problem+json` with `type`, `title`,
`status`, `code`, `detail`, `instance`, `request_id` and `errors`. `code` is stable and never translated, and `type` is
`https://ouvira.dev/problems/<code>`. `title`, `detail` and each `message` follow `Accept-Language`: English, French or German.
New codes may come; go by the status where a code is not known.
";

const FIELDS: &str = "
## Codes of fields

In `errors`, with a `pointer` (RFC 6901) to the member of the body; what is in braces is in `params`.
";

/// The registry of problems as Markdown.
pub fn registry_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut status = 0;
    for code in Code::ALL {
        if code.status() != status {
            status = code.status();
            let _ = write!(text, "\n## {status}\n\n");
            head(&mut text);
        }
        row(&mut text, code.as_str(), |locale| code.text(locale));
    }
    text.push_str(FIELDS);
    text.push('\n');
    head(&mut text);
    for code in FieldCode::ALL {
        row(&mut text, code.as_str(), |locale| code.text(locale));
    }
    text
}

fn head(text: &mut String) {
    text.push_str("| code | English | français | Deutsch |\n|---|---|---|---|\n");
}

fn row(text: &mut String, code: &str, say: impl Fn(Locale) -> &'static str) {
    let _ = writeln!(text, "| `{code}` | {} | {} | {} |", say(Locale::En), say(Locale::Fr), say(Locale::De));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_row_under_its_status() {
        let text = registry_markdown();
        for code in Code::ALL {
            let section = text.split(&format!("\n## {}\n", code.status())).nth(1).unwrap();
            let section = section.split("\n## ").next().unwrap();
            assert_eq!(section.matches(&format!("| `{}` |", code.as_str())).count(), 1, "{code:?}");
        }
        for code in FieldCode::ALL {
            assert!(
                text.split("## Codes of fields")
                    .nth(1)
                    .unwrap()
                    .contains(&format!("| `{}` |", code.as_str()))
            );
        }
    }

    #[test]
    fn each_status_has_one_section() {
        let text = registry_markdown();
        for code in Code::ALL {
            assert_eq!(
                text.matches(&format!("\n## {}\n", code.status())).count(),
                1,
                "the table is in order of status"
            );
        }
    }
}
