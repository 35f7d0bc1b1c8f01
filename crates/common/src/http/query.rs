//! The query string. What no extractor of a route asks for is refused, so that a misspelt filter is not taken for none.

use std::{collections::BTreeSet, ops::Deref};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web::Query};
use apistos::{
    ApiComponent, Schema,
    paths::{Parameter, ParameterDefinition, ParameterIn},
    reference_or::ReferenceOr,
};
use futures_util::future::LocalBoxFuture;
use schemars::JsonSchema;
use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess,
        Unexpected, Visitor,
        value::{StrDeserializer, StringDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Problem, admission::once_admitted, decode::WireError, detail::Detail, openapi::describe_with};
use crate::problem::{Code, FieldCode};

/// The filters of a route: a struct of optional members, each a scalar, from the query string.
///
/// Unknown, repeated or unparsable parameters are 400 `invalid_parameter`. `limit`, `cursor` and `count` belong to
/// [`Paging`](super::Paging); a route takes them by having it as an argument too.
#[derive(Debug, Clone)]
pub struct Parameters<T>(pub T);

impl<T> Parameters<T> {
    /// What was sent.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Parameters<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Parameters<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parsed = take(request);
        let asked = request.clone();
        once_admitted(request, async move {
            refuse_unclaimed(&asked)?;
            parsed.map(Self)
        })
    }
}

/// The parameters that some extractor of the route asked for.
#[derive(Default)]
struct Claimed(BTreeSet<String>);

/// Takes a `T` out of the query string and claims the parameters it knows.
///
/// All extractors of a handler are called before the first of them is polled. Each claims when it is called and runs
/// [`refuse_unclaimed`] when it is polled: by then everything that is known has been claimed.
pub(super) fn take<T: DeserializeOwned>(request: &HttpRequest) -> Result<T, Problem> {
    let pairs = pairs(request);
    let mut ignored = BTreeSet::new();
    let taken = T::deserialize(Pairs { pairs: pairs.clone(), ignored: &mut ignored });
    let mut extensions = request.extensions_mut();
    if !extensions.contains::<Claimed>() {
        extensions.insert(Claimed::default());
    }
    if let Some(Claimed(claimed)) = extensions.get_mut() {
        claimed.extend(pairs.into_iter().map(|(name, _)| name).filter(|name| !ignored.contains(name)));
    }
    taken.map_err(|error| {
        let name = error.member().unwrap_or_default().to_owned();
        let detail = if error.code() == FieldCode::Required {
            Detail::MissingParameter(name)
        } else {
            Detail::BadParameter(name)
        };
        invalid(detail)
    })
}

/// Fails when the query string has a parameter twice, or one that no extractor of the route claimed.
pub(super) fn refuse_unclaimed(request: &HttpRequest) -> Result<(), Problem> {
    if request.query_string().is_empty() {
        return Ok(());
    }
    let extensions = request.extensions();
    let claimed = extensions.get::<Claimed>();
    let mut seen = BTreeSet::new();
    for (name, _) in pairs(request) {
        if claimed.is_none_or(|Claimed(claimed)| !claimed.contains(&name)) {
            return Err(invalid(Detail::UnknownParameter(name)));
        }
        if let Some(name) = seen.replace(name) {
            return Err(invalid(Detail::RepeatedParameter(name)));
        }
    }
    Ok(())
}

/// 400 `invalid_parameter`.
pub(super) fn invalid(detail: Detail) -> Problem {
    Problem::new(Code::InvalidParameter).detail(detail)
}

/// Names and values, percent-decoded.
pub(super) fn pairs(request: &HttpRequest) -> Vec<(String, String)> {
    Query::from_query(request.query_string()).map(Query::into_inner).unwrap_or_default()
}

/// The query string as a map of scalars.
struct Pairs<'i> {
    pairs: Vec<(String, String)>,
    /// Names that the type does not know.
    ignored: &'i mut BTreeSet<String>,
}

impl<'de> Deserializer<'de> for Pairs<'_> {
    type Error = WireError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_map(Access { pairs: self.pairs.into_iter(), next: None, ignored: self.ignored })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Access<'i> {
    pairs: std::vec::IntoIter<(String, String)>,
    next: Option<(String, String)>,
    ignored: &'i mut BTreeSet<String>,
}

impl<'de> MapAccess<'de> for Access<'_> {
    type Error = WireError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, WireError> {
        let Some((name, value)) = self.pairs.next() else { return Ok(None) };
        let key: StrDeserializer<'_, WireError> = name.as_str().into_deserializer();
        let key = seed.deserialize(key)?;
        self.next = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, WireError> {
        let (name, value) = self.next.take().ok_or_else(|| WireError::custom("a value follows its name"))?;
        let mut ignored = false;
        let taken =
            seed.deserialize(Scalar { value, ignored: &mut ignored }).map_err(|error| error.of(&name));
        if ignored {
            self.ignored.insert(name);
        }
        taken
    }
}

/// The value of one parameter.
struct Scalar<'i> {
    value: String,
    ignored: &'i mut bool,
}

macro_rules! parsed {
    ($($method:ident $visit:ident),* $(,)?) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
            match self.value.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(WireError::invalid_value(Unexpected::Str(&self.value), &visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Scalar<'_> {
    type Error = WireError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        if self.value.chars().any(char::is_control) {
            return Err(WireError::custom("control characters are not allowed"));
        }
        visitor.visit_string(self.value)
    }

    parsed! {
        deserialize_bool visit_bool,
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_some(self)
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
        let variant: StringDeserializer<WireError> = self.value.into_deserializer();
        visitor.visit_enum(variant)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        *self.ignored = true;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<T: JsonSchema> ApiComponent for Parameters<T> {
    fn child_schemas() -> Vec<(String, ReferenceOr<Schema>)> {
        describe_with(T::json_schema).definitions
    }

    fn schema() -> Option<(String, ReferenceOr<Schema>)> {
        None
    }

    fn parameters() -> Vec<Parameter> {
        let object = describe_with(T::json_schema).schema.into_object().object.unwrap_or_default();
        let required = object.required;
        let parameter = |(name, schema): (String, Schema)| {
            let mut schema = schema.into_object();
            // A parameter is left out; it has no way to be null.
            schema.extensions.remove("nullable");
            Parameter {
                _in: ParameterIn::Query,
                required: Some(required.contains(&name)),
                description: schema.metadata.as_mut().and_then(|metadata| metadata.description.take()),
                definition: Some(ParameterDefinition::Schema(Box::new(ReferenceOr::Object(schema.into())))),
                name,
                ..Parameter::default()
            }
        };
        object.properties.into_iter().map(parameter).collect()
    }
}
