//! Pieces of the OpenAPI document that the extractors and answers of this module contribute.

use apistos::{
    Schema,
    paths::{MediaType, Parameter, ParameterDefinition, ParameterIn},
    reference_or::ReferenceOr,
};
use schemars::{
    JsonSchema,
    r#gen::{SchemaGenerator, SchemaSettings},
};

/// How a type stands in the document: where it is used, and what that refers to under `components`.
pub(super) struct Described {
    /// A `$ref`, or the schema itself where it has no name of its own.
    pub(super) schema: ReferenceOr<Schema>,
    /// Everything that is referred to.
    pub(super) definitions: Vec<(String, ReferenceOr<Schema>)>,
}

/// Describes `T` in the dialect of OpenAPI 3.0.
pub(super) fn describe<T: JsonSchema>() -> Described {
    describe_with(SchemaGenerator::subschema_for::<T>)
}

/// Describes what `schema` builds.
pub(super) fn describe_with(schema: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Described {
    let mut generator = SchemaSettings::openapi3().into_generator();
    let schema = ReferenceOr::Object(schema(&mut generator));
    let definitions =
        generator.take_definitions().into_iter().map(|(name, schema)| (name, ReferenceOr::Object(schema))).collect();
    Described { schema, definitions }
}

/// `T` as the content of a body.
pub(super) fn content<T: JsonSchema>() -> MediaType {
    MediaType { schema: Some(describe::<T>().schema), ..MediaType::default() }
}

/// A parameter of type `T`.
pub(super) fn parameter<T: JsonSchema>(place: ParameterIn, name: &str, required: bool, description: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        _in: place,
        description: Some(description.to_owned()),
        required: Some(required),
        definition: Some(ParameterDefinition::Schema(Box::new(describe::<T>().schema))),
        ..Parameter::default()
    }
}

/// An extractor that has no body and only contributes `parameters`.
macro_rules! parameters_only {
    ([$($generics:tt)*] $type:ty, $parameters:expr) => {
        impl<$($generics)*> apistos::ApiComponent for $type {
            fn child_schemas() -> Vec<(String, apistos::reference_or::ReferenceOr<apistos::Schema>)> {
                Vec::new()
            }

            fn schema() -> Option<(String, apistos::reference_or::ReferenceOr<apistos::Schema>)> {
                None
            }

            fn parameters() -> Vec<apistos::paths::Parameter> {
                $parameters
            }
        }
    };
}
pub(super) use parameters_only;
