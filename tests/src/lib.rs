//! What the tests on this kernel share: containers made without a runtime, the agent as a child, its records and
//! metrics, and the loss equations.

pub mod cgroup;
pub mod overlay;
