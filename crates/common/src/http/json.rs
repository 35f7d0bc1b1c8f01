//! JSON as it has to be: RFC 8259 without the parts on which two parsers may disagree (RFC 8725 §2.4, I-JSON RFC 7493).

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Problem, detail::Detail};
use crate::problem::Code;

/// How deep arrays and objects may nest.
pub(super) const MAX_DEPTH: usize = 64;

/// Parses exactly one JSON text in UTF-8. A member named twice, nesting deeper than 64, a lone surrogate or anything
/// else that is no JSON is 400 `malformed_json`.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    let reason = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Strict { depth: 0, reason: &reason }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let position = Detail::Syntax { line: error.line(), column: error.column() };
            Problem::new(Code::MalformedJson).detail(reason.into_inner().unwrap_or(position))
        })
}

/// Builds a value and refuses what a lenient parser lets pass.
#[derive(Clone, Copy)]
struct Strict<'r> {
    depth: usize,
    /// Why it was refused, where the error of the parser cannot say it in the caller's language.
    reason: &'r RefCell<Option<Detail>>,
}

impl Strict<'_> {
    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            Err(self.refuse(Detail::TooDeep))
        } else {
            Ok(Self { depth: self.depth + 1, ..self })
        }
    }

    fn refuse<E: serde::de::Error>(self, detail: Detail) -> E {
        self.reason.replace(Some(detail));
        E::custom("not strict JSON")
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(Detail::DuplicateMember(name)));
            }
            let value = members.next_value_seed(inside)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}
