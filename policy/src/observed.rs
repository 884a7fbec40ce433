//! The observed Pod: the declared one with contradictions laid over it.

mod facts;
mod oci;

pub use facts::{
    CapabilitySets, Facts, IdMap, IdRange, Label, Mount, MountSource, Namespaces, NodeFacts, Seccomp,
};
pub use oci::{
    OciCapabilities, OciLinux, OciMount, OciNamespace, OciProcess, OciRoot, OciSeccomp, OciSpec, OciUser,
};
