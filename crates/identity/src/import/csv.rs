//! Comma-separated values (RFC 4180), or semicolon-separated ones, as spreadsheets write them where the comma is the
//! decimal sign.

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use ouvira_common::problem::{FieldCode, FieldError, FieldErrors};

use super::{
    MAX_RECORD,
    json_lines::too_long,
    line::{Field, Record, Values},
};

/// Reads records as they come. The first one is the header.
#[derive(Default)]
pub(super) struct CsvDecoder {
    /// Until the header's line is whole, which tells the delimiter.
    head: Vec<u8>,
    body: Option<Body>,
}

impl CsvDecoder {
    pub(super) fn decode(&mut self, bytes: &[u8], records: &mut Vec<Record>) -> Result<(), FieldErrors> {
        match &mut self.body {
            _ if bytes.is_empty() => Ok(()),
            Some(body) => body.decode(bytes, records),
            None => {
                self.head.extend_from_slice(bytes);
                let text = without_mark(&self.head).trim_ascii_start();
                if text.contains(&b'\n') || self.head.len() > MAX_RECORD {
                    self.begin(records)
                } else {
                    Ok(())
                }
            }
        }
    }

    pub(super) fn finish(mut self, records: &mut Vec<Record>) -> Result<(), FieldErrors> {
        if self.body.is_none() {
            self.begin(records)?;
        }
        let mut body = self.body.expect("it began");
        body.decode(&[], records)?;
        if body.columns.is_some() { Ok(()) } else { Err(no_email()) }
    }

    fn begin(&mut self, records: &mut Vec<Record>) -> Result<(), FieldErrors> {
        let head = std::mem::take(&mut self.head);
        let head = without_mark(&head);
        let header = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let delimiter = if header.contains(&b';') && !header.contains(&b',') { b';' } else { b',' };
        self.body.insert(Body::new(delimiter)).decode(head, records)
    }
}

/// Without the byte order mark that spreadsheets write.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

fn no_email() -> FieldErrors {
    FieldError::new(Field::Email.pointer(), FieldCode::Required).into()
}

struct Body {
    reader: Reader,
    /// What each column is, once the header is read; `None` for one that is ignored.
    columns: Option<Vec<Option<Field>>>,
    /// The fields of the record so far, one behind the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    too_long: bool,
    position: Position,
}

/// Where in the file we are.
#[derive(Debug, Default)]
struct Position {
    /// Line ends so far.
    ended: u32,
    /// Where the record began; `None` between records.
    record: Option<u32>,
}

impl Position {
    fn consume(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.record.is_none() {
            let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            self.ended += line_ends(&bytes[..blank]);
            rest = &bytes[blank..];
            self.record = (!rest.is_empty()).then_some(self.ended + 1);
        }
        self.ended += line_ends(rest);
    }
}

fn line_ends(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

impl Body {
    fn new(delimiter: u8) -> Self {
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            columns: None,
            text: Vec::new(),
            ends: Vec::new(),
            too_long: false,
            position: Position::default(),
        }
    }

    /// Decodes what has come; nothing more means that the file ends.
    fn decode(&mut self, mut bytes: &[u8], records: &mut Vec<Record>) -> Result<(), FieldErrors> {
        let mut field = [0; 1024];
        let last = bytes.is_empty();
        // To the reader no input is the end of the file.
        while last || !bytes.is_empty() {
            let (result, read, written) = self.reader.read_field(bytes, &mut field);
            self.position.consume(&bytes[..read]);
            bytes = &bytes[read..];
            self.add(&field[..written]);
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::End => break,
                ReadFieldResult::OutputFull => {}
                ReadFieldResult::Field { record_end } => {
                    self.ends.push(self.text.len());
                    if record_end {
                        self.end(records)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) {
        self.too_long |= self.text.len() + bytes.len() > MAX_RECORD || self.ends.len() > MAX_RECORD;
        if !self.too_long {
            self.text.extend_from_slice(bytes);
        }
    }

    fn end(&mut self, records: &mut Vec<Record>) -> Result<(), FieldErrors> {
        let line = self.position.record.take().unwrap_or(self.position.ended);
        let (text, ends) = (std::mem::take(&mut self.text), std::mem::take(&mut self.ends));
        let fields = ends.iter().scan(0, |start, end| {
            let field = &text[*start..*end];
            *start = *end;
            Some(field)
        });
        let too_long = std::mem::take(&mut self.too_long).then(too_long);
        match (&self.columns, too_long) {
            (None, Some(error)) => return Err(error),
            (None, None) => self.columns = Some(header(fields)?),
            (Some(_), Some(error)) => records.push(Record { line, values: Err(error) }),
            (Some(columns), None) => records.push(Record { line, values: values(columns, fields) }),
        }
        Ok(())
    }
}

fn header<'f>(names: impl Iterator<Item = &'f [u8]>) -> Result<Vec<Option<Field>>, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut columns = Vec::new();
    for name in names {
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        let column = errors.check(Field::named(&name)).flatten();
        if let Some(field) = column.filter(|field| columns.contains(&Some(*field))) {
            errors.push(FieldError::new(field.pointer(), FieldCode::Exclusive));
        }
        columns.push(column);
    }
    if !columns.contains(&Some(Field::Email)) {
        errors.0.extend(no_email().0);
    }
    errors.into_result(Some(columns))
}

fn values<'f>(
    columns: &[Option<Field>],
    fields: impl Iterator<Item = &'f [u8]>,
) -> Result<Values, FieldErrors> {
    let mut values = Values::default();
    let mut errors = FieldErrors::default();
    let mut count = 0;
    for (index, text) in fields.enumerate() {
        count += 1;
        let Some(Some(field)) = columns.get(index) else { continue };
        match std::str::from_utf8(text) {
            Ok("") => {}
            Ok(text) => values.put(*field, text.to_owned()),
            Err(_) => errors.push(FieldError::new(field.pointer(), FieldCode::InvalidFormat)),
        }
    }
    if count != columns.len() {
        // A comma too many or too few: the values may not be what they seem.
        errors.push(FieldError::new("", FieldCode::InvalidFormat));
    }
    errors.into_result(Some(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Result<Vec<Record>, FieldErrors> {
        let mut decoder = CsvDecoder::default();
        let mut records = Vec::new();
        for chunk in chunks {
            decoder.decode(chunk, &mut records)?;
        }
        decoder.finish(&mut records)?;
        Ok(records)
    }

    fn lines(text: &str) -> Vec<u32> {
        decode([text.as_bytes()]).unwrap().iter().map(|record| record.line).collect()
    }

    fn emails(text: &str) -> Vec<String> {
        let email =
            |record: Record| record.parse().map_or_else(|errors| format!("{errors:?}"), |line| line.folded);
        decode([text.as_bytes()]).unwrap().into_iter().map(email).collect()
    }

    #[test]
    fn records_are_told_by_the_line_on_which_they_begin() {
        assert_eq!(lines("email\na@x.io\nb@x.io\n"), [2, 3]);
        assert_eq!(lines("email\r\na@x.io\r\nb@x.io"), [2, 3]);
        assert_eq!(lines("\n\nemail\n\n\na@x.io\n"), [6]);
        assert_eq!(lines("email,last_name\na@x.io,\"two\nlines\"\nb@x.io,\n"), [2, 4]);
    }

    #[test]
    fn spreadsheets_are_understood() {
        assert_eq!(emails("\u{feff}Email;First_Name\nada@x.io;Ada\n"), ["ada@x.io"]);
        assert_eq!(emails("first_name,email,id\n\"A, B\",ada@x.io,7\n"), ["ada@x.io"]);
    }

    #[test]
    fn a_bad_header_fails_the_file() {
        for (text, pointer, code) in [
            ("", "/email", FieldCode::Required),
            ("first_name\nAda\n", "/email", FieldCode::Required),
            ("email,nickname\n", "/nickname", FieldCode::UnknownField),
            ("email,a/b\n", "/a~1b", FieldCode::UnknownField),
            ("email,email\n", "/email", FieldCode::Exclusive),
        ] {
            assert_eq!(decode([text.as_bytes()]), Err(FieldError::new(pointer, code).into()), "{text}");
        }
    }

    #[test]
    fn a_record_of_another_length_fails_alone() {
        let records = decode([b"email,phone\na@x.io\nb@x.io,,\nc@x.io,\n".as_slice()]).unwrap();
        assert_eq!(
            records.iter().map(|record| record.values.is_ok()).collect::<Vec<_>>(),
            [false, false, true]
        );
    }

    #[test]
    fn a_record_that_is_too_long_fails_alone() {
        let text = format!("email\n{}\nb@x.io\n", "a".repeat(MAX_RECORD + 1));
        let records = decode(text.as_bytes().chunks(1000)).unwrap();
        assert_eq!(records[0], Record { line: 2, values: Err(too_long()) });
        assert!(records[1].values.is_ok());
    }

    proptest! {
        #[test]
        fn how_the_file_is_cut_into_pieces_changes_nothing(
            text in "(email|phone|[a-c\"\n\r;,é\u{feff}]){0,40}",
            size in 1_usize..9,
        ) {
            prop_assert_eq!(decode(text.as_bytes().chunks(size)), decode([text.as_bytes()]));
        }
    }
}
