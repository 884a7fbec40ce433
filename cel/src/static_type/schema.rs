//! Types from an `OpenAPI` v3 structural schema, as the API server has them.

use super::{ObjectType, StaticType};
use serde_json::Value;
use std::sync::Arc;

/// Schemas inside schemas inside schemas are not read deeper than this.
const MAX_DEPTH: usize = 100;
/// Schemas inside a schema, all together; a pod has some thousands.
const MAX_SIZE: usize = 50_000;

/// Why a schema is not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// It is not one.
    #[error("{path}: expected an object, found {found}")]
    NoSchema {
        /// Where it is: the names of fields, `@idx` for a list's elements, `@elem` for a map's values.
        path: String,
        /// What it is.
        found: String,
    },
    /// Schemas inside schemas inside schemas.
    #[error("the schema is nested more than {0} deep")]
    TooDeep(usize),
    /// So many schemas.
    #[error("the schema has more than {0} parts")]
    TooLarge(usize),
}

impl StaticType {
    /// The type of what the schema describes, as the API server declares it.
    ///
    /// An object has the fields of `properties`, or is a map where there are `additionalProperties`; a field whose
    /// name is no identifier is written escaped (`a.b` as `a__dot__b`), and one whose name cannot be written, or
    /// whose schema has no type, is not there. `x-kubernetes-int-or-string` is `dyn`.
    /// `x-kubernetes-preserve-unknown-fields` adds no fields, and `nullable` no null. An embedded resource has
    /// `apiVersion`, `kind`, `metadata.name` and `metadata.generateName`, whatever its schema says; to have them in
    /// the outermost object, say `x-kubernetes-embedded-resource` there too.
    ///
    /// Strings of the formats `date`, `date-time`, `duration` and `byte` are timestamps, durations and bytes: an
    /// input that is to be read with such a type has to answer with such values.
    ///
    /// ```
    /// use cel::{Environment, Program, StaticType};
    ///
    /// let pod = StaticType::from_schema(&serde_json::json!({
    ///     "type": "object",
    ///     "properties": {"image": {"type": "string"}, "host-port": {"type": "integer"}},
    /// }));
    /// let environment = Environment::standard().with_variable("pod", pod.unwrap());
    /// assert!(Program::compile(&environment, "pod.host__dash__port > 1024").is_ok());
    /// let errors = Program::compile(&environment, "pod.imag == ''").unwrap_err();
    /// assert_eq!(errors.to_string(), "1:5: undefined field \"imag\", did you mean \"image\"?");
    /// ```
    ///
    /// # Errors
    /// Something in the place of a schema is not one, or there is too much of it.
    pub fn from_schema(schema: &Value) -> Result<Self, SchemaError> {
        let mut reader = Reader { parts: 0 };
        let read = reader.read(schema, &Place { path: "object", depth: 0 })?;
        Ok(read.unwrap_or(Self::Dyn))
    }
}

struct Reader {
    /// Schemas that were read.
    parts: usize,
}

/// Where a schema is.
struct Place<'p> {
    path: &'p str,
    depth: usize,
}

impl Reader {
    /// The type; None where the schema names none.
    fn read(&mut self, schema: &Value, place: &Place<'_>) -> Result<Option<StaticType>, SchemaError> {
        self.parts += 1;
        if self.parts > MAX_SIZE {
            return Err(SchemaError::TooLarge(MAX_SIZE));
        }
        if place.depth > MAX_DEPTH {
            return Err(SchemaError::TooDeep(MAX_DEPTH));
        }
        if !schema.is_object() {
            let found = kind(schema).to_owned();
            return Err(SchemaError::NoSchema { path: place.path.to_owned(), found });
        }
        let text = |name: &str| schema[name].as_str().unwrap_or_default();
        if is_set(schema, "x-kubernetes-int-or-string") || text("format") == "int-or-string" {
            return Ok(Some(StaticType::Dyn));
        }
        let embedded = is_set(schema, "x-kubernetes-embedded-resource");
        Ok(match text("type") {
            "array" => self.inner(&schema["items"], place, "@idx")?.map(StaticType::list),
            "object" if schema["additionalProperties"].is_object() => {
                let values = self.inner(&schema["additionalProperties"], place, "@elem")?;
                values.map(|values| StaticType::map(StaticType::String, values))
            }
            "object" => Some(self.object(schema, place, embedded)?),
            "string" => Some(string(text("format"))),
            "boolean" => Some(StaticType::Bool),
            "number" => Some(StaticType::Double),
            "integer" => Some(StaticType::Int),
            _ => None,
        })
    }

    /// The type of a part; None where there is none.
    fn inner(
        &mut self,
        schema: &Value,
        place: &Place<'_>,
        name: &str,
    ) -> Result<Option<StaticType>, SchemaError> {
        if schema.is_null() {
            return Ok(None);
        }
        let path = format!("{}.{name}", place.path);
        self.read(schema, &Place { path: &path, depth: place.depth + 1 })
    }

    fn object(
        &mut self,
        schema: &Value,
        place: &Place<'_>,
        embedded: bool,
    ) -> Result<StaticType, SchemaError> {
        let mut fields = Vec::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(of) = self.inner(property, place, name)? {
                fields.push((name.as_str(), of));
            }
        }
        if embedded && !describes_a_resource(schema) {
            fields.extend(resource_fields(place.path));
        }
        Ok(StaticType::Object(Arc::new(ObjectType::new(place.path, fields))))
    }
}

/// Whether the schema has itself what is known of all resources.
fn describes_a_resource(schema: &Value) -> bool {
    let properties = &schema["properties"];
    let metadata = &properties["metadata"]["properties"];
    let is_string = |schema: &Value| schema["type"] == "string";
    is_string(&properties["kind"])
        && is_string(&properties["apiVersion"])
        && properties["metadata"]["type"] == "object"
        && is_string(&metadata["name"])
        && is_string(&metadata["generateName"])
}

/// What is known of all resources; it takes the place of what the schema says of the same fields.
fn resource_fields(path: &str) -> [(&'static str, StaticType); 3] {
    let names = [("name", StaticType::String), ("generateName", StaticType::String)];
    let metadata = ObjectType::new(format!("{path}.metadata"), names);
    [
        ("kind", StaticType::String),
        ("apiVersion", StaticType::String),
        ("metadata", StaticType::Object(Arc::new(metadata))),
    ]
}

fn string(format: &str) -> StaticType {
    match format {
        "byte" => StaticType::Bytes,
        "duration" => StaticType::Duration,
        "date" | "date-time" => StaticType::Timestamp,
        _ => StaticType::String,
    }
}

fn is_set(schema: &Value, extension: &str) -> bool {
    schema[extension] == true
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
