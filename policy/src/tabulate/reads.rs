//! What of a container a verdict depends on.

use crate::event::{Capabilities, Container, Image};
use crate::known::Known;

/// The fields of a container that are read. Containers that are alike in them have the same answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContainerReads {
    name: bool,
    kind: bool,
    id: bool,
    runtime: bool,
    image: bool,
    capabilities: bool,
}

impl ContainerReads {
    const ALL: Self =
        Self { name: true, kind: true, id: true, runtime: true, image: true, capabilities: true };

    /// A field is read; without a name the container as a whole, and so all of them.
    pub(super) fn note(&mut self, field: Option<&str>) {
        match field {
            Some("name") => self.name = true,
            Some("kind") => self.kind = true,
            Some("id") => self.id = true,
            Some("runtime") => self.runtime = true,
            Some("image") => self.image = true,
            Some("capabilities") => self.capabilities = true,
            _ => *self = Self::ALL,
        }
    }

    /// Whether nothing is.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// What either reads.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            name: self.name | other.name,
            kind: self.kind | other.kind,
            id: self.id | other.id,
            runtime: self.runtime | other.runtime,
            image: self.image | other.image,
            capabilities: self.capabilities | other.capabilities,
        }
    }

    /// Whether hardly two containers are alike in what is read.
    pub fn tells_each_apart(self) -> bool {
        self.id
    }

    /// The container with all that is not read Unknown.
    pub fn of(self, container: &Container) -> Container {
        fn read<T: Clone>(is_read: bool, value: &Known<T>) -> Known<T> {
            if is_read { value.clone() } else { Known::Unknown }
        }
        let Container { name, kind, id, runtime, image, capabilities } = container;
        Container {
            name: read(self.name, name),
            kind: read(self.kind, kind),
            id: if self.id { id.clone() } else { String::new() },
            runtime: read(self.runtime, runtime),
            image: if self.image { image.clone() } else { Image::default() },
            capabilities: if self.capabilities { capabilities.clone() } else { Capabilities::default() },
        }
    }
}
