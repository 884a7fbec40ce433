//! Contradictions as they are kept, within a number of bytes for all containers.

use std::sync::{Arc, Weak};

use policy::Known;
use policy::observed::{Change, Overlay};
use serde_json::Value;

use crate::declarations::Pod;

/// Memory for the contradictions of all containers. What a Pod would have to say is not known where it is used up.
pub(super) const OVERLAYS_BYTES: usize = 4 << 20;
/// What a change takes beside its texts: JSON's nodes, in memory, are larger than their text.
const CHANGE_BYTES: usize = 512;

/// Observed Pods are kept only in this much of it, so that contradictions of others find room.
const PODS_BYTES: usize = OVERLAYS_BYTES / 2;

/// A Pod as the kernel shows it.
#[derive(Clone, Debug)]
pub enum ObservedPod {
    /// Nothing contradicts it.
    Declared(Arc<Pod>),
    Laid(Arc<Value>),
}

impl AsRef<Value> for ObservedPod {
    fn as_ref(&self) -> &Value {
        match self {
            Self::Declared(pod) => &pod.object,
            Self::Laid(pod) => pod,
        }
    }
}

#[derive(Debug, Default)]
pub(super) enum Kept {
    #[default]
    None,
    Overlay(Box<Contradictions>),
    /// There are some, and no room to keep them.
    NoRoom,
}

#[derive(Debug)]
pub(super) struct Contradictions {
    overlay: Overlay,
    bytes: usize,
    laid: Option<Laid>,
}

/// An observed Pod, for the many events that read it.
#[derive(Debug)]
struct Laid {
    /// The Pod that contradictions were laid over, which may be declared anew since.
    over: Weak<Pod>,
    pod: Arc<Value>,
    bytes: usize,
}

impl Kept {
    /// What can be kept of these, where `used` bytes are taken by others'.
    pub(super) fn of(overlay: &Overlay, said: &[String], used: usize) -> Self {
        let bytes = said.iter().map(|said| said.len() + CHANGE_BYTES).sum();
        match overlay.is_empty() {
            true => Self::None,
            false if used + bytes > OVERLAYS_BYTES => Self::NoRoom,
            false => Self::Overlay(Box::new(Contradictions { overlay: overlay.clone(), bytes, laid: None })),
        }
    }

    /// The observed Pod, kept if there is room beside the `used` bytes. Unknown where the contradictions were not kept.
    pub(super) fn pod(&mut self, declared: &Arc<Pod>, used: &mut usize) -> Known<ObservedPod> {
        let Contradictions { overlay, laid, bytes: _ } = match self {
            Self::None => return Known::Known(ObservedPod::Declared(Arc::clone(declared))),
            Self::NoRoom => return Known::Unknown,
            Self::Overlay(contradictions) => &mut **contradictions,
        };
        if let Some(laid) = laid.as_ref().filter(|laid| laid.over.as_ptr() == Arc::as_ptr(declared)) {
            return Known::Known(ObservedPod::Laid(Arc::clone(&laid.pod)));
        }
        *used -= laid.take().map_or(0, |laid| laid.bytes);
        let pod = Arc::new(overlay.apply(&declared.object));
        let bytes = size(&pod);
        if *used + bytes <= PODS_BYTES {
            *used += bytes;
            *laid = Some(Laid { over: Arc::downgrade(declared), pod: Arc::clone(&pod), bytes });
        }
        Known::Known(ObservedPod::Laid(pod))
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Overlay(kept) => kept.bytes + kept.laid.as_ref().map_or(0, |laid| laid.bytes),
            Self::None | Self::NoRoom => 0,
        }
    }
}

/// What a value takes in memory, about: a field has a name and its place in a tree.
fn size(value: &Value) -> usize {
    const FIELD_BYTES: usize = 48;
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| FIELD_BYTES + name.len() + size(value)).sum()
        }
    };
    size_of::<Value>() + inside
}

/// What tells a contradiction from others.
pub(super) fn said(change: &Change) -> String {
    let Change { path, declared, observed, reason, step } = change;
    format!("{path} {declared:?} {observed} {reason} {step:?}")
}
