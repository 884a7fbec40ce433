//! What a test declares, in the form of `cel.expr.Decl` and `cel.expr.Type`.

use std::collections::BTreeMap;

use cel::{StaticType, Style};
use serde_json::Value as Json;

use crate::value::{Unreadable, field};

/// The variables of the test's `type_env`.
pub(super) fn variables(test: &Json) -> Result<BTreeMap<String, StaticType>, Unreadable> {
    let mut variables = BTreeMap::new();
    for declaration in field(test, "type_env").and_then(Json::as_array).into_iter().flatten() {
        let malformed = || Unreadable::Malformed(declaration.to_string());
        let name = declaration["name"].as_str().ok_or_else(malformed)?;
        if let Some(variable) = field(declaration, "ident") {
            variables.insert(name.to_owned(), static_type(&variable["type"])?);
        }
    }
    Ok(variables)
}

/// An overload of a function.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) style: Style,
    pub(super) arguments: Vec<StaticType>,
    pub(super) result: StaticType,
}

/// The functions of the test's `type_env`.
pub(super) fn functions(test: &Json) -> Result<Vec<Function>, Unreadable> {
    let mut functions = Vec::new();
    for declaration in field(test, "type_env").and_then(Json::as_array).into_iter().flatten() {
        let Some(overloads) = field(declaration, "function").and_then(|it| field(it, "overloads")) else {
            continue;
        };
        for overload in overloads.as_array().into_iter().flatten() {
            let name = declaration["name"].as_str().unwrap_or_default().to_owned();
            let member = field(overload, "is_instance_function").is_some_and(|it| *it == true);
            let parameters = field(overload, "params").and_then(Json::as_array).into_iter().flatten();
            let arguments = parameters.map(static_type).collect::<Result<_, _>>()?;
            let result = static_type(field(overload, "result_type").unwrap_or(&Json::Null))?;
            let style = if member { Style::Member } else { Style::Global };
            functions.push(Function { name, style, arguments, result });
        }
    }
    Ok(functions)
}

/// Reads a type; one that says nothing is `dyn`.
pub(super) fn static_type(json: &Json) -> Result<StaticType, Unreadable> {
    let Some((kind, content)) = json.as_object().and_then(|it| it.iter().next()) else {
        return Ok(StaticType::Dyn);
    };
    let of = |name: &str| static_type(field(content, name).unwrap_or(&Json::Null));
    let name = content.as_str().unwrap_or_default();
    let read = match kind.to_lowercase().replace('_', "").as_str() {
        "dyn" => Some(StaticType::Dyn),
        "null" => Some(StaticType::Null),
        "primitive" => primitive(name),
        "wrapper" => primitive(name).map(|of| StaticType::Nullable(of.into())),
        "wellknown" => well_known(name),
        "listtype" => Some(StaticType::list(of("elem_type")?)),
        "maptype" => Some(StaticType::map(of("key_type")?, of("value_type")?)),
        "typeparam" => Some(StaticType::Parameter(name.into())),
        "type" => Some(StaticType::Type(static_type(content)?.into())),
        "abstracttype" => return abstract_type(content),
        "messagetype" => return message(name),
        _ => None,
    };
    read.ok_or_else(|| Unreadable::Malformed(json.to_string()))
}

fn primitive(name: &str) -> Option<StaticType> {
    Some(match name {
        "BOOL" => StaticType::Bool,
        "INT64" => StaticType::Int,
        "UINT64" => StaticType::Uint,
        "DOUBLE" => StaticType::Double,
        "STRING" => StaticType::String,
        "BYTES" => StaticType::Bytes,
        _ => return None,
    })
}

fn well_known(name: &str) -> Option<StaticType> {
    Some(match name {
        "ANY" => StaticType::Dyn,
        "TIMESTAMP" => StaticType::Timestamp,
        "DURATION" => StaticType::Duration,
        _ => return None,
    })
}

/// `cel.expr.Type.AbstractType`
fn abstract_type(json: &Json) -> Result<StaticType, Unreadable> {
    let parameters = field(json, "parameter_types").and_then(Json::as_array);
    let parameters: Vec<_> = parameters.into_iter().flatten().map(static_type).collect::<Result<_, _>>()?;
    match (json["name"].as_str().unwrap_or_default(), parameters.as_slice()) {
        ("optional_type", [of]) => Ok(StaticType::optional(of.clone())),
        ("net.IP", []) => Ok(StaticType::Ip),
        ("net.CIDR", []) => Ok(StaticType::Cidr),
        (name, parameters) => Ok(StaticType::Abstract(name.into(), parameters.into())),
    }
}

/// A message that stands for a type that is none.
fn message(name: &str) -> Result<StaticType, Unreadable> {
    match name {
        "google.protobuf.Timestamp" => Ok(StaticType::Timestamp),
        "google.protobuf.Duration" => Ok(StaticType::Duration),
        "google.protobuf.Any" | "google.protobuf.Value" => Ok(StaticType::Dyn),
        "google.protobuf.Struct" => Ok(StaticType::map(StaticType::String, StaticType::Dyn)),
        "google.protobuf.ListValue" => Ok(StaticType::list(StaticType::Dyn)),
        _ => Err(Unreadable::Message(name.to_owned())),
    }
}
