//! A JSON object a line.

use std::fmt;

use ouvira_common::problem::{FieldCode, FieldError, FieldErrors};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    MAX_RECORD,
    line::{Field, Record, Values},
};

/// Reads lines as they come.
#[derive(Debug, Default)]
pub(super) struct JsonLinesDecoder {
    /// The line so far; nothing is added to one that is too long.
    line: Vec<u8>,
    too_long: bool,
    /// Lines that ended.
    ended: u32,
}

impl JsonLinesDecoder {
    pub(super) fn decode(&mut self, mut bytes: &[u8], records: &mut Vec<Record>) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.add(&bytes[..end]);
            self.end(records);
            bytes = &bytes[end + 1..];
        }
        self.add(bytes);
    }

    pub(super) fn finish(mut self, records: &mut Vec<Record>) {
        self.end(records);
    }

    fn add(&mut self, bytes: &[u8]) {
        self.too_long |= self.line.len() + bytes.len() > MAX_RECORD;
        if !self.too_long {
            self.line.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, records: &mut Vec<Record>) {
        self.ended += 1;
        let line = std::mem::take(&mut self.line);
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line);
        if std::mem::take(&mut self.too_long) {
            records.push(Record { line: self.ended, values: Err(too_long()) });
        } else if !line.trim_ascii().is_empty() {
            records.push(Record { line: self.ended, values: read(line) });
        }
    }
}

pub(super) fn too_long() -> FieldErrors {
    let max = i64::try_from(MAX_RECORD).unwrap_or(i64::MAX);
    FieldError::new("", FieldCode::TooLong).with("max", max).into()
}

/// The members of an object, also those that are there twice.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}

fn read(line: &[u8]) -> Result<Values, FieldErrors> {
    let malformed = |_| FieldErrors::from(FieldError::new("", FieldCode::InvalidFormat));
    let Members(members) = serde_json::from_slice(line).map_err(malformed)?;
    let mut values = Values::default();
    let mut there = Vec::new();
    let mut errors = FieldErrors::default();
    for (name, value) in members {
        let Some(Some(field)) = errors.check(Field::named(&name)) else { continue };
        if there.contains(&field) {
            errors.push(FieldError::new(field.pointer(), FieldCode::InvalidFormat));
        }
        there.push(field);
        match value {
            Value::String(text) => values.put(field, text),
            Value::Null => {}
            _ => errors.push(FieldError::new(field.pointer(), FieldCode::InvalidType)),
        }
    }
    errors.into_result(Some(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Vec<Record> {
        let mut decoder = JsonLinesDecoder::default();
        let mut records = Vec::new();
        for chunk in chunks {
            decoder.decode(chunk, &mut records);
        }
        decoder.finish(&mut records);
        records
    }

    #[test]
    fn empty_lines_count_and_are_left_out() {
        let records = decode([b"\n{\"email\": \"a@x.io\"}\r\n\n{\"email\": \"b@x.io\"}".as_slice()]);
        assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), [2, 4]);
    }

    #[test]
    fn what_is_wrong_with_a_line_is_told() {
        for (line, pointer, code) in [
            ("{", "", FieldCode::InvalidFormat),
            ("[]", "", FieldCode::InvalidFormat),
            ("{\"email\": 1}", "/email", FieldCode::InvalidType),
            ("{\"nickname\": \"x\"}", "/nickname", FieldCode::UnknownField),
            ("{\"email\": \"a@x.io\", \"email\": \"b@x.io\"}", "/email", FieldCode::InvalidFormat),
        ] {
            assert_eq!(
                decode([line.as_bytes()])[0].values,
                Err(FieldError::new(pointer, code).into()),
                "{line}"
            );
        }
    }

    #[test]
    fn deep_nesting_and_long_lines_fail_alone() {
        let deep = "[".repeat(10_000);
        let long = "x".repeat(MAX_RECORD + 1);
        let text = format!("{deep}\n{long}\n{{\"email\": \"a@x.io\", \"id\": {{}}}}\n");
        let records = decode(text.as_bytes().chunks(1000));
        assert_eq!(
            records.iter().map(|record| record.values.is_ok()).collect::<Vec<_>>(),
            [false, false, true]
        );
        assert_eq!(records[1].values, Err(too_long()));
    }

    proptest! {
        #[test]
        fn how_the_file_is_cut_into_pieces_changes_nothing(text in "[{}\":a-c\n\r,é]{0,40}", size in 1_usize..9) {
            prop_assert_eq!(decode(text.as_bytes().chunks(size)), decode([text.as_bytes()]));
        }
    }
}
