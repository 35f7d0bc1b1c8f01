//! From a JSON value to a type, with an error a caller can act on: which member, and what is wrong with it.
//!
//! serde's own deserialisers tell both in English prose. This one carries a [`FieldCode`] and a JSON Pointer, and notes
//! members that nobody asked for.

use std::{
    cell::RefCell,
    fmt::{self, Display},
    vec,
};

use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer,
        MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor, value::StrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Number, Value, map};

use crate::problem::{FieldCode, FieldError, FieldErrors};

/// Most unknown members that are named in one answer.
const MOST_UNKNOWN: usize = 50;
/// Longest member name that a pointer repeats, in characters.
const NAME_LENGTH: usize = 100;

/// Makes a `T` of `value`. Fails with every unknown member, or with the first one of the wrong type or value.
pub(super) fn decode<T: DeserializeOwned>(value: Value) -> Result<T, FieldErrors> {
    let trail = Trail::default();
    let decoded = T::deserialize(Node { value, trail: &trail }).map_err(|error| error.at(""));
    let mut errors = FieldErrors(trail.unknown.into_inner());
    let decoded = errors.check(decoded.map_err(WireError::into_field));
    errors.into_result(decoded)
}

/// What is wrong, and where once that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WireError {
    code: FieldCode,
    params: Vec<(&'static str, i64)>,
    /// The member that is meant, below the place where the error arose.
    member: Option<String>,
    pointer: Option<String>,
}

impl WireError {
    fn new(code: FieldCode) -> Self {
        Self { code, params: Vec::new(), member: None, pointer: None }
    }

    fn out_of_range(min: i64, max: i64) -> Self {
        Self { params: vec![("min", min), ("max", max)], ..Self::new(FieldCode::OutOfRange) }
    }

    /// What is wrong.
    pub(super) fn code(&self) -> FieldCode {
        self.code
    }

    /// The member that is meant.
    pub(super) fn member(&self) -> Option<&str> {
        self.member.as_deref()
    }

    /// The same about `member`.
    pub(super) fn of(mut self, member: &str) -> Self {
        self.member = Some(member.to_owned());
        self
    }

    /// The same at `path`, unless it is known more exactly.
    fn at(mut self, path: &str) -> Self {
        if self.pointer.is_none() {
            let mut pointer = path.to_owned();
            if let Some(member) = &self.member {
                push(&mut pointer, member);
            }
            self.pointer = Some(pointer);
        }
        self
    }

    fn into_field(self) -> FieldError {
        FieldError { pointer: self.pointer.unwrap_or_default(), code: self.code, params: self.params }
    }
}

impl Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl std::error::Error for WireError {}

impl serde::de::Error for WireError {
    /// Where a type's own parsing fails.
    fn custom<T: Display>(_: T) -> Self {
        Self::new(FieldCode::InvalidFormat)
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::new(FieldCode::InvalidType)
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::new(FieldCode::InvalidChoice)
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self { member: Some(field.to_owned()), ..Self::new(FieldCode::UnknownField) }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { member: Some(field.to_owned()), ..Self::new(FieldCode::Required) }
    }
}

/// The way from the root to the value at hand, and what was found on it.
#[derive(Default)]
struct Trail {
    /// A JSON Pointer (RFC 6901).
    path: RefCell<String>,
    unknown: RefCell<Vec<FieldError>>,
}

impl Trail {
    /// Does `step` one level deeper, at `name`.
    fn below<T>(&self, name: &str, step: impl FnOnce() -> Result<T, WireError>) -> Result<T, WireError> {
        let length = self.path.borrow().len();
        push(&mut self.path.borrow_mut(), name);
        let done = step().map_err(|error| error.at(&self.path.borrow()));
        self.path.borrow_mut().truncate(length);
        done
    }

    fn unknown(&self) {
        let mut unknown = self.unknown.borrow_mut();
        if unknown.len() < MOST_UNKNOWN {
            unknown.push(FieldError::new(self.path.borrow().clone(), FieldCode::UnknownField));
        }
    }
}

/// Appends a reference token (RFC 6901 §3).
fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars().take(NAME_LENGTH) {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Text that a `text` column takes: Postgres has no NUL.
fn text(text: String) -> Result<String, WireError> {
    if text.contains('\0') { Err(WireError::new(FieldCode::ControlCharacters)) } else { Ok(text) }
}

/// A value on the trail.
struct Node<'t> {
    value: Value,
    trail: &'t Trail,
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

struct Items<'t> {
    rest: std::iter::Enumerate<vec::IntoIter<Value>>,
    trail: &'t Trail,
}

impl<'de> SeqAccess<'de> for &mut Items<'_> {
    type Error = WireError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, WireError> {
        let Some((index, value)) = self.rest.next() else { return Ok(None) };
        let trail = self.trail;
        trail.below(&index.to_string(), || seed.deserialize(Node { value, trail })).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Members<'t> {
    rest: map::IntoIter,
    next: Option<(String, Value)>,
    trail: &'t Trail,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = WireError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, WireError> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key: StrDeserializer<'_, WireError> = name.as_str().into_deserializer();
        let key = self.trail.below(&name, || {
            if name.contains('\0') {
                Err(WireError::new(FieldCode::ControlCharacters))
            } else {
                seed.deserialize(key)
            }
        })?;
        self.next = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, WireError> {
        let (name, value) = self.next.take().ok_or_else(|| WireError::new(FieldCode::InvalidType))?;
        let trail = self.trail;
        trail.below(&name, || seed.deserialize(Node { value, trail }))
    }
}

struct Variant<'t> {
    name: String,
    content: Option<Value>,
    trail: &'t Trail,
}

impl<'de, 't> EnumAccess<'de> for Variant<'t> {
    type Error = WireError;
    type Variant = Content<'t>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'t>), WireError> {
        let name: StrDeserializer<'_, WireError> = self.name.as_str().into_deserializer();
        let value = seed.deserialize(name)?;
        Ok((value, Content { variant: self.name, value: self.content, trail: self.trail }))
    }
}

struct Content<'t> {
    variant: String,
    value: Option<Value>,
    trail: &'t Trail,
}

impl Content<'_> {
    fn with<T>(self, step: impl FnOnce(Node<'_>) -> Result<T, WireError>) -> Result<T, WireError> {
        let Some(value) = self.value else { return Err(WireError::new(FieldCode::InvalidType)) };
        let trail = self.trail;
        trail.below(&self.variant, || step(Node { value, trail }))
    }
}

impl<'de> VariantAccess<'de> for Content<'_> {
    type Error = WireError;

    fn unit_variant(self) -> Result<(), WireError> {
        match self.value {
            None | Some(Value::Null) => Ok(()),
            Some(_) => Err(WireError::new(FieldCode::InvalidType)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, WireError> {
        self.with(|node| seed.deserialize(node))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, WireError> {
        self.with(|node| node.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.with(|node| node.deserialize_struct("", fields, visitor))
    }
}
