//! How serde walks through arrays, objects and enums.

use std::{iter::Enumerate, vec};

use serde::de::{
    DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess,
    VariantAccess, Visitor, value::StrDeserializer,
};
use serde_json::{Value, map};

use super::{WireError, node::Node, trail::Trail};
use crate::problem::FieldCode;

/// The items of an array.
pub(super) struct Items<'t> {
    pub(super) rest: Enumerate<vec::IntoIter<Value>>,
    pub(super) trail: &'t Trail,
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

/// The members of an object.
pub(super) struct Members<'t> {
    pub(super) rest: map::IntoIter,
    /// The value of the name that was read last.
    pub(super) next: Option<(String, Value)>,
    pub(super) trail: &'t Trail,
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

/// An enum: `"name"` or `{"name": content}`.
pub(super) struct Variant<'t> {
    pub(super) name: String,
    pub(super) content: Option<Value>,
    pub(super) trail: &'t Trail,
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

/// What stands beside the name of a variant.
pub(super) struct Content<'t> {
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
