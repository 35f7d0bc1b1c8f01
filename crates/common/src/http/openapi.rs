//! Pieces of the `OpenAPI` document that the extractors and answers of this module contribute.

use apistos::{
    Schema,
    info::Info,
    paths::{MediaType, Parameter, ParameterDefinition, ParameterIn},
    reference_or::ReferenceOr,
    spec::Spec,
};
use schemars::{
    JsonSchema,
    r#gen::{SchemaGenerator, SchemaSettings},
    schema::SchemaObject,
    visit::{Visitor, visit_schema_object},
};
use serde_json::Value;

use crate::id::{CompanyId, GrantId, OperatorId, RoleId, SessionId, TenantId, UserId};

/// The head of an `OpenAPI` document; apistos adds the operations.
pub fn document(title: &str, version: &str, description: &str) -> Spec {
    Spec {
        info: Info {
            title: title.to_owned(),
            version: version.to_owned(),
            description: Some(description.to_owned()),
            ..Info::default()
        },
        ..Spec::default()
    }
}

/// How a type stands in the document: where it is used, and what that refers to under `components`.
pub(super) struct Described {
    /// A `$ref`, or the schema itself where it has no name of its own.
    pub(super) schema: Schema,
    /// Everything that is referred to.
    pub(super) definitions: Vec<(String, ReferenceOr<Schema>)>,
}

/// Describes `T` in the dialect of `OpenAPI` 3.0.
pub(super) fn describe<T: JsonSchema>() -> Described {
    describe_with(SchemaGenerator::subschema_for::<T>)
}

/// Describes what `schema` builds.
pub(super) fn describe_with(schema: impl FnOnce(&mut SchemaGenerator) -> Schema) -> Described {
    let mut generator = SchemaSettings::openapi3().with_visitor(NoNullDefaults).into_generator();
    let mut schema = schema(&mut generator);
    let mut definitions = generator.take_definitions();
    for visitor in generator.visitors_mut() {
        visitor.visit_schema(&mut schema);
        for definition in definitions.values_mut() {
            visitor.visit_schema(definition);
        }
    }
    let definitions =
        definitions.into_iter().map(|(name, schema)| (name, ReferenceOr::Object(schema))).collect();
    Described { schema, definitions }
}

/// Drops `"default": null`: a member that is left out of a merge patch is not taken for null.
#[derive(Debug, Clone)]
struct NoNullDefaults;

impl Visitor for NoNullDefaults {
    fn visit_schema_object(&mut self, schema: &mut SchemaObject) {
        if let Some(metadata) = schema.metadata.as_mut()
            && metadata.default == Some(Value::Null)
        {
            metadata.default = None;
        }
        visit_schema_object(self, schema);
    }
}

/// `T` as the content of a body.
pub(super) fn content<T: JsonSchema>() -> MediaType {
    MediaType { schema: Some(ReferenceOr::Object(describe::<T>().schema)), ..MediaType::default() }
}

/// A parameter; one in the path is required, others are not.
pub(super) fn parameter(
    place: ParameterIn,
    name: &str,
    description: &str,
    schema: fn(&mut SchemaGenerator) -> Schema,
) -> Parameter {
    let schema = ReferenceOr::Object(describe_with(schema).schema);
    Parameter {
        name: name.to_owned(),
        required: Some(place == ParameterIn::Path),
        _in: place,
        description: Some(description.to_owned()),
        definition: Some(ParameterDefinition::Schema(Box::new(schema))),
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

/// Typed ids are plain UUIDs to callers.
macro_rules! ids {
    ($($id:ty),*) => {
        $(impl JsonSchema for $id {
            fn is_referenceable() -> bool {
                false
            }

            fn schema_name() -> String {
                uuid::Uuid::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                uuid::Uuid::json_schema(generator)
            }
        })*
    };
}

ids!(TenantId, UserId, SessionId, CompanyId, RoleId, OperatorId, GrantId);
