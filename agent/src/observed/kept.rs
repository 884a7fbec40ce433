//! Contradictions as they are kept, within a number of bytes for all containers.

use policy::observed::{Change, Overlay};

/// Memory for the contradictions of all containers. What a Pod would have to say is not known where it is used up.
pub(super) const OVERLAYS_BYTES: usize = 4 << 20;
/// What a change takes beside its texts: JSON's nodes, in memory, are larger than their text.
const CHANGE_BYTES: usize = 512;

/// In what a container contradicts its Pod.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contradictions<'a> {
    None,
    Known(&'a Overlay),
    /// There are some, and no room to keep them.
    Unkept,
}

#[derive(Debug, Default)]
pub(super) enum Kept {
    #[default]
    None,
    Overlay(Box<Overlay>, usize),
    NoRoom,
}

impl Kept {
    /// What can be kept of these, where `used` bytes are taken by others'.
    pub(super) fn of(overlay: &Overlay, said: &[String], used: usize) -> Self {
        let bytes = said.iter().map(|said| said.len() + CHANGE_BYTES).sum();
        match overlay.is_empty() {
            true => Self::None,
            false if used + bytes > OVERLAYS_BYTES => Self::NoRoom,
            false => Self::Overlay(Box::new(overlay.clone()), bytes),
        }
    }

    pub(super) fn shown(&self) -> Contradictions<'_> {
        match self {
            Self::None => Contradictions::None,
            Self::Overlay(overlay, _) => Contradictions::Known(overlay),
            Self::NoRoom => Contradictions::Unkept,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Overlay(_, bytes) => *bytes,
            Self::None | Self::NoRoom => 0,
        }
    }
}

/// What tells a contradiction from others.
pub(super) fn said(change: &Change) -> String {
    let Change { path, declared, observed, reason, step } = change;
    format!("{path} {declared:?} {observed} {reason} {step:?}")
}
