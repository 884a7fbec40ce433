//! What the tests on this kernel share: containers made without a container engine, the agent as a child, its
//! records and metrics, and the loss equations. And what the expression language is held against: others' tests and
//! another judge.

pub mod account;
pub mod agent;
pub mod caller;
pub mod calls;
pub mod cgroup;
pub mod clusters;
pub mod conformance;
pub mod container;
pub mod containerd;
pub mod foreign;
pub mod kernel;
pub mod lock;
pub mod machine;
pub mod marks;
pub mod metrics;
pub mod oracle;
pub mod overlay;
pub mod pod_security;
pub mod program;
pub mod records;
pub mod runc;
pub mod scene;
pub mod statistics;
pub mod storm;
pub mod value;
pub mod yaml;
