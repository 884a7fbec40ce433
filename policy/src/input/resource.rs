//! An object of the API server with the request that it stands for.

use std::borrow::Cow;
use std::ops::ControlFlow;

use cel::{Lookup, Object, Value};
use serde::Serialize;
use serde_json::Value as Json;

use super::known;
use crate::document::{Operation, Target};
use crate::known::Known;

/// An object, as if it were to be created, and what else expressions may read of it.
///
/// Away from the API server nobody asks for it: `oldObject` is null, and `request.userInfo` and `authorizer` are
/// Unknown. A field that is null is read as one that is not there, as the API server does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceInput<'a> {
    object: Cow<'a, Json>,
    old_object: (),
    request: Request<'a>,
    namespace_object: Known<Cow<'a, Json>>,
    /// Not a part of what expressions see: a Pod that is as declared gives the same judgements.
    #[serde(skip)]
    observed: bool,
}

/// The variables of resource policies, in the order of their slots.
pub(super) const VARIABLES: [&str; 5] = ["object", "oldObject", "request", "namespaceObject", "authorizer"];

impl<'a> ResourceInput<'a> {
    /// An object as declared. None if it does not say its `apiVersion` and `kind`.
    pub fn declared(object: &'a Json, namespace_object: Known<&'a Json>) -> Option<Self> {
        let request = Request::creating(object)?;
        Some(Self { observed: false, ..Self::of(object, request, namespace_object) })
    }

    /// A Pod as the node shows it ([`crate::observed::Overlay::apply`]): policies are about it that say `observed`.
    pub fn observed(pod: &'a Json, namespace_object: Known<&'a Json>) -> Self {
        let request = Request::of("v1", "Pod", &pod["metadata"]);
        Self { observed: true, ..Self::of(pod, request, namespace_object) }
    }

    fn of(object: &'a Json, request: Request<'a>, namespace_object: Known<&'a Json>) -> Self {
        let namespace_object = namespace_object.map(without_nulls);
        Self { object: without_nulls(object), old_object: (), request, namespace_object, observed: false }
    }

    /// Whether it is a Pod as the node shows it.
    pub(crate) fn is_observed(&self) -> bool {
        self.observed
    }

    /// What a policy's rules are asked.
    pub(crate) fn target(&self) -> Target<'_> {
        let Resource { group, version, resource } = &self.request.resource;
        Target { group, version, resource, subresource: "", operation: Operation::Create }
    }

    /// The variable of this slot.
    pub(super) fn variable(&self, slot: usize) -> Lookup<'_> {
        match slot {
            0 => Lookup::Found(Value::from(&*self.object)),
            1 => Lookup::Found(Value::Null),
            2 => Lookup::Found(Value::object(&self.request)),
            3 => known(self.namespace_object.as_ref(), |object| Value::from(&**object)),
            4 => Lookup::Unknown,
            _ => Lookup::Absent,
        }
    }
}

/// `request`: admission.k8s.io/v1, AdmissionRequest.
#[derive(Clone, Debug, Serialize)]
struct Request<'a> {
    operation: &'static str,
    kind: Kind<'a>,
    resource: Resource<'a>,
    name: &'a str,
    /// Unknown where a manifest leaves it to whoever applies it.
    namespace: Known<&'a str>,
}

#[derive(Clone, Debug, Serialize)]
struct Kind<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
}

#[derive(Clone, Debug, Serialize)]
struct Resource<'a> {
    group: &'a str,
    version: &'a str,
    resource: String,
}

impl<'a> Request<'a> {
    fn creating(object: &'a Json) -> Option<Self> {
        Some(Self::of(object["apiVersion"].as_str()?, object["kind"].as_str()?, &object["metadata"]))
    }

    fn of(api_version: &'a str, kind: &'a str, metadata: &'a Json) -> Self {
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        Self {
            operation: "CREATE",
            kind: Kind { group, version, kind },
            resource: Resource { group, version, resource: plural(kind) },
            name: metadata["name"].as_str().unwrap_or_default(),
            namespace: metadata["namespace"].as_str().map_or(Known::Unknown, Known::Known),
        }
    }
}

/// An object without its fields that are null: where Go decodes one into a type, it stays empty and is written no more,
/// and the API server prunes those of custom resources. Manifests have them wherever a value was left out.
fn without_nulls(object: &Json) -> Cow<'_, Json> {
    if has_null(object) { Cow::Owned(pruned(object)) } else { Cow::Borrowed(object) }
}

fn has_null(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.iter().any(has_null),
        Json::Object(fields) => fields.values().any(|field| field.is_null() || has_null(field)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

fn pruned(value: &Json) -> Json {
    match value {
        Json::Array(items) => items.iter().map(pruned).collect(),
        Json::Object(fields) => {
            let there = fields.iter().filter(|(_, field)| !field.is_null());
            Json::Object(there.map(|(name, field)| (name.clone(), pruned(field))).collect())
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.clone(),
    }
}

/// The resource of a kind, as `UnsafeGuessKindToResource` of apimachinery guesses it; it is right for every kind that
/// Kubernetes has.
fn plural(kind: &str) -> String {
    let singular = kind.to_lowercase();
    if singular == "endpoints" {
        return singular;
    }
    match (singular.strip_suffix('y'), singular.ends_with('s')) {
        (Some(stem), _) => format!("{stem}ies"),
        (None, true) => format!("{singular}es"),
        (None, false) => format!("{singular}s"),
    }
}

object! { Request<'_> {
    "uid" => Lookup::Unknown,
    "kind" => Lookup::Found(Value::object(&this.kind)),
    "resource" => Lookup::Found(Value::object(&this.resource)),
    "subResource" => Lookup::Found(Value::from("")),
    "requestKind" => Lookup::Found(Value::object(&this.kind)),
    "requestResource" => Lookup::Found(Value::object(&this.resource)),
    "requestSubResource" => Lookup::Found(Value::from("")),
    "name" => Lookup::Found(Value::from(this.name)),
    "namespace" => known(this.namespace, Value::from),
    "operation" => Lookup::Found(Value::from(this.operation)),
    "userInfo" => Lookup::Unknown,
    "dryRun" => Lookup::Unknown,
    "options" => Lookup::Unknown,
}, |this| }

object! { Kind<'_> {
    "group" => Lookup::Found(Value::from(this.group)),
    "version" => Lookup::Found(Value::from(this.version)),
    "kind" => Lookup::Found(Value::from(this.kind)),
}, |this| }

object! { Resource<'_> {
    "group" => Lookup::Found(Value::from(this.group)),
    "version" => Lookup::Found(Value::from(this.version)),
    "resource" => Lookup::Found(Value::from(&*this.resource)),
}, |this| }

#[cfg(test)]
mod tests;
