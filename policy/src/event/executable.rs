//! Programs, and where they came from.

use std::borrow::Cow;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::known::Known;
use crate::text::{self, Text};

/// A program that runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Executable {
    /// Its path as the container sees it.
    pub path: Known<Text>,
    /// Where the file came from.
    pub origin: Origin,
    /// If the program was started as the interpreter of a `#!` script: the script.
    pub script: Option<Script>,
}

/// The file after `#!`'s interpreter: what was asked to run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Script {
    /// Its path as the container sees it.
    pub path: Known<Text>,
    /// Where the file came from.
    pub origin: Origin,
}

/// A program that led to an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ancestor {
    /// Its path as the container sees it.
    pub path: Known<Text>,
    /// Where the file came from.
    pub origin: Origin,
}

impl Ancestor {
    /// One of which nothing is known; at the end of an ancestry, those that were cut off.
    pub const UNKNOWN: Self = Self { path: Known::Unknown, origin: Origin::Unknown };
}

/// Where the file of a program came from.
///
/// Expressions see `origin` as the variant's name, and `volume` beside it. With an Unknown origin both are Unknown.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A lower layer of the container's root: the image.
    Image,
    /// The image's, copied to the upper layer with its content unchanged (after a chmod, say).
    CopiedUp,
    /// Written to the container's root after it started.
    Upper,
    /// A mounted volume of this kind.
    Volume(Known<VolumeKind>),
    /// Anonymous memory: `memfd_create`.
    Memfd,
    /// A file that had no name any more when it was run.
    Deleted,
    /// A file system of the node that no volume explains.
    Host,
    /// It cannot be known.
    Unknown,
}

impl Origin {
    /// The word for it, which is also what policies see; of an Unknown origin they see CEL's unknown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Image => "Image",
            Self::CopiedUp => "CopiedUp",
            Self::Upper => "Upper",
            Self::Volume(_) => "Volume",
            Self::Memfd => "Memfd",
            Self::Deleted => "Deleted",
            Self::Host => "Host",
            Self::Unknown => "Unknown",
        }
    }

    /// The kind of volume: absent unless the origin is a volume, Unknown if the origin is.
    pub fn volume(&self) -> Option<Known<&str>> {
        match self {
            Self::Volume(kind) => Some(kind.as_ref().map(VolumeKind::as_str)),
            Self::Unknown => Some(Known::Unknown),
            _ => None,
        }
    }
}

/// The kind of a volume: the name of its source in a Pod (`emptyDir`, `hostPath`, `persistentVolumeClaim`), or
/// `Tmpfs` for a tmpfs that no declared volume explains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VolumeKind(Cow<'static, str>);

impl VolumeKind {
    /// A tmpfs that no declared volume explains, such as /dev/shm.
    pub const TMPFS: Self = Self(Cow::Borrowed("Tmpfs"));

    /// A declared volume, by the name of its source in the Pod.
    pub fn declared(source: impl Into<Cow<'static, str>>) -> Self {
        Self(source.into())
    }

    /// The word that policies use.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn file<M: SerializeMap>(map: &mut M, path: &Known<Text>, origin: &Origin) -> Result<(), M::Error> {
    text::entry(map, "path", "pathBytes", path)?;
    map.serialize_entry("origin", origin.as_str())?;
    match origin {
        Origin::Volume(kind) => map.serialize_entry("volume", &kind.as_ref().map(VolumeKind::as_str)),
        _ => Ok(()),
    }
}

impl Serialize for Executable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, origin, script } = self;
        let mut map = serializer.serialize_map(None)?;
        file(&mut map, path, origin)?;
        if let Some(script) = script {
            map.serialize_entry("script", script)?;
        }
        map.end()
    }
}

impl Serialize for Script {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, origin } = self;
        let mut map = serializer.serialize_map(None)?;
        file(&mut map, path, origin)?;
        map.end()
    }
}

impl Serialize for Ancestor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { path, origin } = self;
        let mut map = serializer.serialize_map(None)?;
        text::entry(&mut map, "path", "pathBytes", path)?;
        map.serialize_entry("origin", origin.as_str())?;
        map.end()
    }
}
