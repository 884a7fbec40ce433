//! What a container of the sample declares and does, and what must be told of it.

use serde_json::{Value, json};

/// A container and its Pod. The tables are in [`super::loud`] and [`super::quiet`].
#[derive(Debug)]
pub(crate) struct Act {
    pub(crate) pod: &'static str,
    pub(crate) container: &'static str,
    /// The container's `securityContext`.
    pub(crate) declares: fn() -> Value,
    /// Who the image says it runs as.
    pub(crate) user: u32,
    /// Makes the OCI configuration that the Pod leads to another one.
    pub(crate) told: fn(&mut Value),
    /// Its address in the network of the run's Pods, and after it those of Services that lead to it. Without any it has a
    /// network of its own.
    pub(crate) addresses: &'static [&'static str],
    /// The ports that it lists.
    pub(crate) ports: &'static [u16],
    /// What is denied to it, if anything is.
    pub(crate) denied: Option<Denied>,
    /// Runs before the agent does, and begins once that is ready.
    pub(crate) before_the_agent: bool,
    /// Lines of a shell that come before the act.
    pub(crate) first: &'static str,
    /// Lines of a shell that are the act. The time runs from here, or from the start if nothing came first.
    pub(crate) does: &'static str,
    /// What is done to it from outside meanwhile.
    pub(crate) meanwhile: &'static [Outside],
    /// Exactly what must be told.
    pub(crate) expects: &'static [Sign],
}

/// What a policy of the run denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// To run programs in volumes: who does is killed.
    Programs,
    /// To connect where no NetworkPolicy allows it: the call fails.
    Connections,
}

/// What a node does to a container.
#[derive(Debug)]
pub(crate) enum Outside {
    /// Runs a command in it, as probes and kubectl exec do.
    Exec(&'static [&'static str]),
    /// Sends its first process a signal.
    Signal(&'static str),
    /// Asks for a page at an address of it from the node, as the kubelet's probes do.
    Probe(&'static str),
}

/// What identifies an alert within a container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sign {
    /// The policy's name, or the kind of a record that is no decision.
    pub(crate) policy: &'static str,
    /// What was seen: for a call on sockets the sentence that tells it. With `*` at its end, what that begins with.
    pub(crate) what: &'static str,
}

/// A container that declares nothing and of which nothing is told.
pub(crate) const ORDINARY: Act = Act {
    pod: "ordinary",
    container: "main",
    declares: || json!({}),
    user: 0,
    told: |_| {},
    addresses: &[],
    ports: &[],
    denied: None,
    before_the_agent: false,
    first: "",
    does: "",
    meanwhile: &[],
    expects: &[],
};
