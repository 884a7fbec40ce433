//! A field in which a container is weaker than its Pod declares.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::known::Known;
use crate::observed::Change;

/// What `event.change` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// The field, as in [`Change::field`].
    pub field: Known<String>,
    /// What the Pod declares. None, and absent to expressions, if it says nothing.
    pub from: Known<Option<Value>>,
    /// What it would have to say.
    pub to: Known<Value>,
}

impl From<&Change> for FieldChange {
    fn from(change: &Change) -> Self {
        Self {
            field: Known::Known(change.field().to_owned()),
            from: Known::Known(change.declared.clone()),
            to: Known::Known(change.observed.clone()),
        }
    }
}

impl Serialize for FieldChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { field, from, to } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("field", field)?;
        match from {
            Known::Known(None) => {}
            from => map.serialize_entry("from", from)?,
        }
        map.serialize_entry("to", to)?;
        map.end()
    }
}
