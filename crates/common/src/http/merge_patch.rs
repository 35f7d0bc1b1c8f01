//! JSON Merge Patch (RFC 7396).

use std::ops::Deref;

use actix_web::{FromRequest, HttpRequest, dev::Payload, mime::Mime};
use apistos::{ApiComponent, Schema, paths::RequestBody, reference_or::ReferenceOr};
use futures_util::future::LocalBoxFuture;
use schemars::{JsonSchema, r#gen::SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Problem,
    admission::once_admitted,
    body::{WireBody, receive},
    decode::decode,
    openapi::{content, describe},
};

/// A member of a merge patch. Its field needs `#[serde(default)]` (or its struct does).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Patch<V> {
    /// Not sent: stays as it is.
    #[default]
    Absent,
    /// `null`: goes back to having no value.
    Null,
    /// The new value.
    Value(V),
}

impl<V> Patch<V> {
    /// Changes a field that may be empty.
    pub fn apply(self, field: &mut Option<V>) {
        match self {
            Self::Absent => {}
            Self::Null => *field = None,
            Self::Value(value) => *field = Some(value),
        }
    }

    /// Changes a field that always has a value; `null` gives it its default.
    pub fn apply_or_default(self, field: &mut V)
    where
        V: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *field = V::default(),
            Self::Value(value) => *field = value,
        }
    }

    /// `None` when it was not sent; `Some(None)` for `null`.
    pub fn into_option(self) -> Option<Option<V>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Value(value) => Some(Some(value)),
        }
    }

    /// The same with another value.
    pub fn map<U>(self, convert: impl FnOnce(V) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Value(value) => Patch::Value(convert(value)),
        }
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Patch<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(|value| value.map_or(Self::Null, Self::Value))
    }
}

impl<V: Serialize> Serialize for Patch<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Absent | Self::Null => serializer.serialize_none(),
            Self::Value(value) => serializer.serialize_some(value),
        }
    }
}

impl<V: JsonSchema> JsonSchema for Patch<V> {
    fn is_referenceable() -> bool {
        false
    }

    fn schema_name() -> String {
        <Option<V>>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        <Option<V>>::json_schema(generator)
    }

    fn _schemars_private_is_option() -> bool {
        true
    }
}

/// The body of a PATCH: `application/merge-patch+json`, or plain JSON.
#[derive(Debug, Clone)]
pub struct MergePatch<T>(pub T);

impl<T> MergePatch<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for MergePatch<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + WireBody + 'static> FromRequest for MergePatch<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let read = receive(request, payload, is_merge_patch, "application/merge-patch+json");
        once_admitted(request, async { read.await.map(Self) })
    }
}

fn is_merge_patch(media_type: &Mime) -> bool {
    matches!(media_type.essence_str(), "application/merge-patch+json" | "application/json")
}

impl<T: JsonSchema + DeserializeOwned> ApiComponent for MergePatch<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        describe::<T>().definitions
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn request_body() -> Option<RequestBody> {
        // Runs once for each route when the service starts: the place to notice a forgotten `#[serde(default)]`.
        debug_assert!(
            decode::<T>(Value::Object(Map::new())).is_ok(),
            "{} does not take the empty patch: a member lacks #[serde(default)]",
            std::any::type_name::<T>(),
        );
        let types = ["application/merge-patch+json", "application/json"];
        let content = types.map(|name| (name.to_owned(), content::<T>())).into();
        Some(RequestBody { content, required: Some(true), ..RequestBody::default() })
    }
}
