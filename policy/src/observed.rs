//! The observed Pod: the declared one with contradictions laid over it.

mod facts;
mod oci;
mod overlay;

pub use facts::{
    CapabilitySets, Facts, IdMap, IdRange, Label, Mount, MountSource, Namespaces, NodeFacts, Seccomp,
};
pub use oci::{
    OciCapabilities, OciHook, OciHooks, OciLinux, OciMount, OciNamespace, OciProcess, OciRoot, OciSeccomp,
    OciSpec, OciUser,
};
pub use overlay::{Change, Observation, ObservedContainer, Overlay, Step, became, overlay};
