//! What the tests on this kernel share: containers made without a container engine, the agent as a child, its
//! records and metrics, and the loss equations.

pub mod account;
pub mod agent;
pub mod cgroup;
pub mod container;
pub mod kernel;
pub mod lock;
pub mod machine;
pub mod metrics;
pub mod overlay;
pub mod records;
pub mod scene;
pub mod statistics;
pub mod storm;
