//! From a JSON value to a type, with an error a caller can act on: which member, and what is wrong with it.
//!
//! serde's own deserialisers tell both in English prose. This one carries a [`FieldCode`](crate::problem::FieldCode) and
//! a JSON Pointer, and notes members that nobody asked for.

mod access;
mod error;
mod node;
mod trail;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::FieldErrors;

pub(super) use error::WireError;
use node::Node;
use trail::Trail;

/// Makes a `T` of `value`. Fails with every unknown member, or with the first one of the wrong type or value.
pub(super) fn decode<T: DeserializeOwned>(value: Value) -> Result<T, FieldErrors> {
    let trail = Trail::default();
    let decoded = T::deserialize(Node { value, trail: &trail }).map_err(|error| error.at(""));
    let mut errors = FieldErrors(trail.into_unknown());
    let decoded = errors.check(decoded.map_err(WireError::into_field));
    errors.into_result(decoded)
}
