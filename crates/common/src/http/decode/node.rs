//! serde's deserialiser over a JSON value.

use serde::{
    de::{Deserializer, Error as _, Expected, Unexpected, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value};

use super::{
    WireError,
    access::{Items, Members, Variant},
    trail::Trail,
};
use crate::problem::FieldCode;

/// Text that a `text` column takes: Postgres has no NUL.
fn text(text: String) -> Result<String, WireError> {
    if text.contains('\0') { Err(WireError::new(FieldCode::ControlCharacters)) } else { Ok(text) }
}

/// A value on the trail.
pub(super) struct Node<'t> {
    pub(super) value: Value,
    pub(super) trail: &'t Trail,
}

impl<'t> Node<'t> {
    fn wrong<T>(&self, expected: &dyn Expected) -> Result<T, WireError> {
        let unexpected = match &self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(value) => Unexpected::Str(value),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        Err(WireError::invalid_type(unexpected, expected))
    }

    fn array<'de, V: Visitor<'de>>(
        items: Vec<Value>,
        trail: &'t Trail,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        let length = items.len();
        let mut items = Items { rest: items.into_iter().enumerate(), trail };
        let value = visitor.visit_seq(&mut items)?;
        if items.rest.len() == 0 { Ok(value) } else { Err(WireError::invalid_length(length, &"fewer items")) }
    }

    fn object<'de, V: Visitor<'de>>(
        members: Map<String, Value>,
        trail: &'t Trail,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_map(Members { rest: members.into_iter(), next: None, trail })
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
            let Value::Number(number) = &self.value else { return self.wrong(&visitor) };
            if number.is_f64() {
                return self.wrong(&visitor);
            }
            match integer(number).and_then(|number| <$type>::try_from(number).ok()) {
                Some(number) => visitor.$visit(number),
                None => Err(WireError::out_of_range(
                    i64::try_from(<$type>::MIN).unwrap_or(i64::MIN),
                    i64::try_from(<$type>::MAX).unwrap_or(i64::MAX),
                )),
            }
        })*
    };
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

macro_rules! only {
    ($($method:ident($($argument:ident: $type:ty),*) $pattern:pat => |$trail:ident, $visitor:ident| $body:expr;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, WireError> {
            $(let _ = $argument;)*
            match self {
                Node { value: $pattern, trail: $trail } => {
                    let $visitor = visitor;
                    $body
                }
                other => other.wrong(&visitor),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = WireError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(number) => match (number.as_u64(), number.as_i64(), number.as_f64()) {
                (Some(number), _, _) => visitor.visit_u64(number),
                (None, Some(number), _) => visitor.visit_i64(number),
                (None, None, number) => visitor.visit_f64(number.unwrap_or(f64::MAX)),
            },
            Value::String(value) => visitor.visit_string(text(value)?),
            Value::Array(items) => Self::array(items, self.trail, visitor),
            Value::Object(members) => Self::object(members, self.trail, visitor),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32, deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
    }

    only! {
        deserialize_bool() Value::Bool(value) => |_trail, visitor| visitor.visit_bool(value);
        deserialize_f32() Value::Number(number) => |_trail, visitor| visitor.visit_f64(number.as_f64().unwrap_or(f64::MAX));
        deserialize_f64() Value::Number(number) => |_trail, visitor| visitor.visit_f64(number.as_f64().unwrap_or(f64::MAX));
        deserialize_char() Value::String(value) => |_trail, visitor| visitor.visit_string(text(value)?);
        deserialize_str() Value::String(value) => |_trail, visitor| visitor.visit_string(text(value)?);
        deserialize_string() Value::String(value) => |_trail, visitor| visitor.visit_string(text(value)?);
        deserialize_unit() Value::Null => |_trail, visitor| visitor.visit_unit();
        deserialize_unit_struct(name: &'static str) Value::Null => |_trail, visitor| visitor.visit_unit();
        deserialize_seq() Value::Array(items) => |trail, visitor| Node::array(items, trail, visitor);
        deserialize_tuple(length: usize) Value::Array(items) => |trail, visitor| Node::array(items, trail, visitor);
        deserialize_tuple_struct(name: &'static str, length: usize) Value::Array(items) => |trail, visitor| Node::array(items, trail, visitor);
        deserialize_map() Value::Object(members) => |trail, visitor| Node::object(members, trail, visitor);
        // Never from an array, which serde's derived types take too: members have names.
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) Value::Object(members) => |trail, visitor| Node::object(members, trail, visitor);
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        match self.value {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None, trail: self.trail }),
            Value::Object(members) if members.len() == 1 => {
                let (name, content) =
                    members.into_iter().next().ok_or_else(|| WireError::new(FieldCode::InvalidType))?;
                visitor.visit_enum(Variant { name, content: Some(content), trail: self.trail })
            }
            _ => self.wrong(&visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.trail.unknown();
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 bytes byte_buf identifier }
}
