//! Templates: lines of text with `{values}`. A line whose value is missing is left out, so that one text serves messages
//! that know more and less. A brace that does not enclose a lower-case name is a brace.

use std::collections::BTreeMap;

/// Values by name.
pub(super) type Values = BTreeMap<&'static str, String>;

/// A parsed template.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text(Vec<Line>);

/// One line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line(pub(super) Vec<Piece>);

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Says itself.
    Literal(String),
    /// The value of that name.
    Value(&'static str),
}

impl Text {
    /// Parses `text`, whose values are among `known`; else answers the name that is not.
    pub(super) fn parse(text: &str, known: &[&'static str]) -> Result<Self, String> {
        text.trim_end().lines().map(|line| Line::parse(line, known)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the value `name` is in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|line| line.names().any(|named| named == name))
    }

    /// The lines that `values` can fill, with never more than one empty line in a row.
    pub(super) fn lines(&self, values: &Values) -> Vec<&Line> {
        let mut lines: Vec<&Line> = Vec::new();
        for line in self.0.iter().filter(|line| line.names().all(|name| values.contains_key(name))) {
            if !line.0.is_empty() || lines.last().is_some_and(|last| !last.0.is_empty()) {
                lines.push(line);
            }
        }
        lines
    }

    /// The text with `values` put in as they are.
    pub(super) fn fill(&self, values: &Values) -> String {
        let lines = self.lines(values).into_iter().map(|line| line.fill(values));
        lines.collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

impl Line {
    fn parse(mut rest: &str, known: &[&'static str]) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        while let Some(open) = rest.find('{') {
            let inside = &rest[open + 1..];
            let name = inside.split_once('}').map_or("", |(name, _)| name);
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
                literal.push_str(&rest[..=open]);
                rest = inside;
                continue;
            }
            let known = known.iter().find(|known| **known == name).ok_or_else(|| name.to_owned())?;
            literal.push_str(&rest[..open]);
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Value(known));
            rest = &inside[name.len() + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Self(pieces))
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Literal(_) => None,
            Piece::Value(name) => Some(*name),
        })
    }

    /// The line with `values`, all of which are there.
    pub(super) fn fill(&self, values: &Values) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Literal(text) => text.as_str(),
            Piece::Value(name) => values.get(name).map_or("", String::as_str),
        });
        pieces.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_without_their_value_are_left_out() {
        let text = Text::parse("A {a}.\n\nB {b}\nC {a}{c}\n\nend { not } {A}", &["a", "b", "c"]).unwrap();
        let fill = |names: &[&'static str]| {
            text.fill(&names.iter().map(|name| (*name, format!("<{name}>"))).collect())
        };
        assert_eq!(fill(&["a", "b", "c"]), "A <a>.\n\nB <b>\nC <a><c>\n\nend { not } {A}");
        assert_eq!(fill(&["a"]), "A <a>.\n\nend { not } {A}");
        assert_eq!(fill(&[]), "end { not } {A}");
        assert_eq!(Text::parse("hello {name}", &["a"]), Err("name".to_owned()));
    }
}
