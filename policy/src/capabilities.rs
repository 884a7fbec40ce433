//! What a container's declaration lets it use.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::event::Capabilities;
use crate::known::Known;

/// What the runtime was told, and what the node has.
#[derive(Clone, Copy, Debug)]
pub struct Runtime<'a> {
    /// The OCI spec's bounding set, without prefixes; None where the spec cannot be read.
    pub bounding: Option<&'a [String]>,
    /// Every capability that the node's own processes can have.
    pub full: &'a [String],
}

/// What a container may use, and what it asked for by name.
///
/// `security_context` is the container's as its Pod declares it, null where that says nothing. A container without a Pod
/// may use what its runtime was told.
/// The runtime's defaults are taken from the OCI spec and not guessed, so without it only a container that lists
/// everything (`privileged`, `add: [ALL]`, `drop: [ALL]`) has a known set. Names are compared without the prefix `CAP_`
/// and in capitals, as container runtimes do.
pub fn of(security_context: Option<&Value>, runtime: Runtime<'_>) -> Capabilities {
    let Some(context) = security_context else {
        return Capabilities {
            allowed: set(runtime.bounding).map_or(Known::Unknown, sorted),
            added: Known::Unknown,
        };
    };
    let (add, drop) = (names(&context["capabilities"]["add"]), names(&context["capabilities"]["drop"]));
    let full = || set(Some(runtime.full)).unwrap_or_default();
    let allowed = if context["privileged"] == true {
        // A runtime that is confined itself cannot give more than it has.
        Some(set(runtime.bounding).unwrap_or_else(full))
    } else if add.contains(ALL) {
        Some(&full() - &drop)
    } else if drop.contains(ALL) {
        Some(add.clone())
    } else {
        set(runtime.bounding).map(|bounding| &bounding - &drop)
    };
    Capabilities { allowed: allowed.map_or(Known::Unknown, sorted), added: sorted(add) }
}

const ALL: &str = "ALL";

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(name).collect()
}

fn set(names: Option<&[String]>) -> Option<BTreeSet<String>> {
    names.map(|names| names.iter().map(|name| self::name(name)).collect())
}

fn name(written: &str) -> String {
    let capitals = written.to_ascii_uppercase();
    capitals.strip_prefix("CAP_").unwrap_or(&capitals).to_owned()
}

fn sorted(set: BTreeSet<String>) -> Known<Vec<String>> {
    Known::Known(set.into_iter().collect())
}

#[cfg(test)]
mod tests;
