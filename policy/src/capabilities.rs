//! What a container's declaration lets it use.

mod set;

use std::collections::BTreeSet;

use serde_json::Value;

pub use set::{NAMES, Set};

use crate::event::Capabilities;
use crate::known::Known;

/// What the runtime was told, and what the node has.
#[derive(Clone, Copy, Debug)]
pub struct Runtime {
    /// The OCI spec's bounding set; None where the spec cannot be read.
    pub bounding: Option<Set>,
    /// Every capability that the node's own processes can have.
    pub full: Set,
}

/// What a container may use, and what it asked for by name.
///
/// `security_context` is the container's as its Pod declares it, null where that says nothing. A container without a Pod
/// may use what its runtime was told.
/// The runtime's defaults are taken from the OCI spec and not guessed, so without it only a container that lists
/// everything (`privileged`, `add: [ALL]`, `drop: [ALL]`) has a known set. Names are compared without the prefix `CAP_`
/// and in capitals, as container runtimes do.
pub fn of(security_context: Option<&Value>, runtime: Runtime) -> Capabilities {
    let known = |set: Option<Set>| set.map_or(Known::Unknown, Known::Known);
    let Some(context) = security_context else {
        return Capabilities { allowed: known(runtime.bounding), added: Known::Unknown };
    };
    let (add, drop) = (names(&context["capabilities"]["add"]), names(&context["capabilities"]["drop"]));
    let set = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Set>();
    let allowed = if context["privileged"] == true {
        // A runtime that is confined itself cannot give more than it has.
        Some(runtime.bounding.unwrap_or(runtime.full))
    } else if add.contains(ALL) {
        Some(runtime.full - set(&drop))
    } else if drop.contains(ALL) {
        Some(set(&add))
    } else {
        runtime.bounding.map(|bounding| bounding - set(&drop))
    };
    Capabilities { allowed: known(allowed), added: Known::Known(add.into_iter().collect()) }
}

const ALL: &str = "ALL";

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(name).collect()
}

fn name(written: &str) -> String {
    let capitals = written.to_ascii_uppercase();
    capitals.strip_prefix("CAP_").unwrap_or(&capitals).to_owned()
}

#[cfg(test)]
mod tests;
