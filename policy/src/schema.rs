//! The closed shapes of `event`, `container`, `node` and `request`, for the compiler: a field that is not there, or is another
//! kind's, is a mistake of the policy and not a surprise at runtime. They say once more what [`crate::event`]'s types
//! say; a test holds the two together.

use thiserror::Error;

use crate::event::EventKind;
use crate::nearest::nearest;

/// What may be read of a value.
#[derive(Debug)]
enum Shape {
    /// No field of it.
    Leaf,
    /// Any: the shape is given elsewhere, or elements stand between.
    Open,
    /// These fields.
    Fields(&'static [Field]),
}

#[derive(Debug)]
struct Field {
    name: &'static str,
    /// The kinds of event that have it; empty for all.
    kinds: &'static [EventKind],
    shape: Shape,
}

const fn leaf(name: &'static str) -> Field {
    Field { name, kinds: &[], shape: Shape::Leaf }
}

const fn open(name: &'static str) -> Field {
    Field { name, kinds: &[], shape: Shape::Open }
}

const fn with(name: &'static str, fields: &'static [Field]) -> Field {
    Field { name, kinds: &[], shape: Shape::Fields(fields) }
}

const fn only(kinds: &'static [EventKind], field: Field) -> Field {
    Field { kinds, ..field }
}

const SOCKETS: &[EventKind] = &[
    EventKind::Connect,
    EventKind::SendTo,
    EventKind::Bind,
    EventKind::Listen,
    EventKind::Accept,
    EventKind::RawSocket,
];

const SCRIPT: &[Field] = &[leaf("path"), leaf("origin"), leaf("volume")];
const EXECUTABLE: &[Field] = &[leaf("path"), leaf("origin"), leaf("volume"), with("script", SCRIPT)];
const LOCAL: &[Field] = &[leaf("ip"), leaf("port")];
const PEER: &[Field] = &[leaf("ip"), leaf("port"), leaf("pod"), leaf("namespace")];
const SOCKET: &[Field] = &[
    leaf("protocol"),
    leaf("family"),
    only(&[EventKind::Bind, EventKind::Listen, EventKind::Accept], with("local", LOCAL)),
    only(&[EventKind::Connect, EventKind::SendTo, EventKind::Accept], with("peer", PEER)),
    leaf("permitted"),
];
const CHANGE: &[Field] = &[leaf("field"), open("from"), open("to")];
const EVENT: &[Field] = &[
    leaf("kind"),
    leaf("task"),
    with("executable", EXECUTABLE),
    open("ancestry"),
    leaf("uid"),
    leaf("gid"),
    only(&[EventKind::Exec], open("args")),
    only(&[EventKind::CapabilityUse], leaf("capability")),
    only(&[EventKind::CapabilityUse], leaf("userNamespace")),
    only(SOCKETS, with("socket", SOCKET)),
    only(&[EventKind::FactsChange], with("change", CHANGE)),
];
const CONTAINER: &[Field] = &[
    leaf("name"),
    leaf("kind"),
    leaf("id"),
    leaf("runtime"),
    with("image", &[leaf("reference"), leaf("digest")]),
    with("capabilities", &[open("allowed"), open("added")]),
];
const KIND: &[Field] = &[leaf("group"), leaf("version"), leaf("kind")];
const RESOURCE: &[Field] = &[leaf("group"), leaf("version"), leaf("resource")];
const REQUEST: &[Field] = &[
    leaf("uid"),
    with("kind", KIND),
    with("resource", RESOURCE),
    leaf("subResource"),
    with("requestKind", KIND),
    with("requestResource", RESOURCE),
    leaf("requestSubResource"),
    leaf("name"),
    leaf("namespace"),
    leaf("operation"),
    open("userInfo"),
    leaf("dryRun"),
    open("options"),
];
const NODE: &[Field] = &[leaf("name"), open("labels"), leaf("kernel")];

/// Why a path cannot be read.
#[derive(Clone, Debug, PartialEq, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum FieldError {
    #[error("`{of}` has no field `{field}`{}", nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default())]
    Unknown { of: String, field: String, nearest: Option<&'static str> },
    #[error("`{of}` has no fields")]
    Leaf { of: String },
    #[error("`{of}.{field}` belongs to {} events, and the policy matches {matched}", words(.belongs))]
    OtherKind { of: String, field: String, belongs: &'static [EventKind], matched: EventKind },
}

fn words(kinds: &[EventKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

/// Whether a path that begins with a variable's name can be read in a policy that matches these kinds of event.
pub(crate) fn check(path: &[String], kinds: &[EventKind]) -> Result<(), FieldError> {
    let Some((variable, fields)) = path.split_first() else { return Ok(()) };
    let mut shape = match variable.as_str() {
        "event" => &Shape::Fields(EVENT),
        "container" => &Shape::Fields(CONTAINER),
        "node" => &Shape::Fields(NODE),
        "request" => &Shape::Fields(REQUEST),
        _ => return Ok(()),
    };
    let mut of = variable.clone();
    for name in fields {
        let known = match shape {
            Shape::Open => return Ok(()),
            Shape::Leaf => return Err(FieldError::Leaf { of }),
            Shape::Fields(known) => known,
        };
        let field = find(known, &of, name)?;
        let other = kinds.iter().find(|kind| !field.kinds.is_empty() && !field.kinds.contains(kind));
        if let Some(&matched) = other {
            return Err(FieldError::OtherKind { of, field: name.clone(), belongs: field.kinds, matched });
        }
        of = format!("{of}.{name}");
        shape = &field.shape;
    }
    Ok(())
}

fn find(known: &'static [Field], of: &str, name: &str) -> Result<&'static Field, FieldError> {
    known.iter().find(|field| field.name == name).ok_or_else(|| FieldError::Unknown {
        of: of.to_owned(),
        field: name.to_owned(),
        nearest: nearest(name, known.iter().map(|field| field.name)),
    })
}

#[cfg(test)]
mod tests;
