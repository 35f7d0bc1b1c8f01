//! The file `.env`: for developers, who would otherwise type it all into their shell.
//!
//! A line is empty, a comment (`#`), or `NAME=value`, with an optional `export` in front. A value ends before ` #`. In
//! double quotes it may hold anything, over several lines, with `\n`, `\"` and `\\`; in single quotes nothing is special.
//! There are no references to other variables: a password with a `$` is what it says.

use std::{collections::HashMap, env, fs, io::ErrorKind};

use super::Mistakes;

const FILE: &str = ".env";

/// The variables of this process and those of `.env` that it does not have.
pub(super) fn beside_the_environment() -> (HashMap<String, String>, Mistakes) {
    let mut mistakes = Mistakes::default();
    let mut variables = match fs::read_to_string(FILE) {
        Ok(content) => parse(&content).unwrap_or_else(|line| {
            mistakes.add(FILE, format!("line {line} is not NAME=value"));
            HashMap::new()
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => HashMap::new(),
        Err(error) => {
            mistakes.add(FILE, format!("cannot be read: {error}"));
            HashMap::new()
        }
    };
    let environment: Vec<(String, String)> = env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect();
    overlay(&mut variables, environment);
    (variables, mistakes)
}

/// Lays `environment` over the variables of the file. `X` hides the file's `X_FILE`, and the other way round.
fn overlay(variables: &mut HashMap<String, String>, environment: Vec<(String, String)>) {
    for (name, _) in &environment {
        let name = name.strip_suffix("_FILE").unwrap_or(name);
        variables.remove(name);
        variables.remove(&format!("{name}_FILE"));
    }
    variables.extend(environment);
}

/// The variables of a file, or the number of the line that is none.
fn parse(content: &str) -> Result<HashMap<String, String>, usize> {
    let mut variables = HashMap::new();
    let mut rest = content.trim_start_matches('\u{feff}');
    let total = rest.lines().count();
    while !rest.is_empty() {
        let number = total - rest.lines().count() + 1;
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            rest = after;
            continue;
        }
        let (name, _) = line.split_once('=').ok_or(number)?;
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(number);
        }
        let value = &rest[rest.find('=').ok_or(number)? + 1..];
        let (value, after) = value_of(value).ok_or(number)?;
        variables.insert(name.to_owned(), value);
        rest = after;
    }
    Ok(variables)
}

/// The value that `text` begins with, and what follows its line.
fn value_of(text: &str) -> Option<(String, &str)> {
    let start = text.trim_start_matches([' ', '\t']);
    let (value, rest) = match start.chars().next() {
        Some('\'') => {
            let (value, rest) = start[1..].split_once('\'')?;
            (value.to_owned(), rest)
        }
        Some('"') => double_quoted(&start[1..])?,
        _ => {
            let (line, rest) = start.split_once('\n').unwrap_or((start, ""));
            let end = line.find(" #").or_else(|| line.find("\t#")).unwrap_or(line.len());
            let end = if line.starts_with('#') { 0 } else { end };
            return Some((line[..end].trim().to_owned(), rest));
        }
    };
    let (trailing, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let trailing = trailing.trim();
    (trailing.is_empty() || trailing.starts_with('#')).then_some((value, rest))
}

fn double_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                escaped => escaped,
            }),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_bare_quoted_and_over_several_lines() {
        let variables = parse(concat!(
            "# a comment\n\n",
            "A=1\r\n",
            "export B = two words # a comment\n",
            "C='$not #special \\n'\n",
            "D=\"first\\nsecond \\\"quoted\\\"\nthird\" # a comment\n",
            "E=\n",
            "F=postgres://u:p#w@h/d?a=b\n",
            "G=#nothing"
        ))
        .unwrap();
        for (name, value) in [
            ("A", "1"),
            ("B", "two words"),
            ("C", "$not #special \\n"),
            ("D", "first\nsecond \"quoted\"\nthird"),
            ("E", ""),
            ("F", "postgres://u:p#w@h/d?a=b"),
            ("G", ""),
        ] {
            assert_eq!(variables[name], value, "{name}");
        }
        assert_eq!(variables.len(), 7);
    }

    #[test]
    fn a_line_that_is_none_is_named_by_its_number() {
        for (content, line) in
            [("A=1\nnonsense\n", 2), ("A-B=1", 1), ("=1", 1), ("A=1\nB=\"open\n", 2), ("A='b'c\n", 1)]
        {
            assert_eq!(parse(content).unwrap_err(), line, "{content:?}");
        }
    }

    #[test]
    fn the_environment_wins_whether_it_gives_a_value_or_a_file() {
        let mut variables = parse("A=file\nB_FILE=/there\nC=kept\nD=file\n").unwrap();
        let environment = [("A", "real"), ("B", "real"), ("D_FILE", "/here")];
        overlay(&mut variables, environment.map(|(name, value)| (name.into(), value.into())).into());
        let mut all: Vec<_> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
        all.sort();
        assert_eq!(all, ["A=real", "B=real", "C=kept", "D_FILE=/here"]);
    }
}
