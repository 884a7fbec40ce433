//! What NetworkPolicies declare of connections: who may connect to whom, whatever the network plugin does.
//!
//! [`document`] reads the objects, [`Cluster`] holds them with the indexes that look-ups need, [`Cluster::answer`] says
//! whether a connection is allowed, [`Cluster::explain`] says why, and [`Tables`] is the same answer in the form that a
//! kernel can look up. [`Network`] keeps the tables of some Pods while the cluster changes: those that the same policies
//! select share one, which each Pod's few own addresses precede ([`PodTables`]).
//!
//! The semantics are those of `k8s.io/api/networking/v1`. Where its words leave something to the implementation, these
//! hold here, because an answer that might be wrong must be Unknown:
//!
//! - **ipBlock and Pods**: a block is a range of addresses, and no sentence exempts those of Pods (they "should be
//!   cluster-external" is advice to who writes it). So a block holds for a Pod's address, too.
//! - **A ClusterIP** is judged by the endpoints behind it. Whether a block is applied before or after that rewriting is
//!   not defined: where it would make a difference, the answer is Unknown.
//! - **Sources that may have been rewritten**: a node's address on ingress may stand for anyone. A rule about sources
//!   that admits the port makes it Unknown; if no rule admits the port, it is denied whoever it is.
//! - **The whole cluster is declared** where its Nodes are. Without any Node, an address that no object has may be a
//!   Pod, a Service or a node all the same, and what depends on that is Unknown.
//! - **A policy that was refused** could allow anything for whom it selects (the whole namespace, if that cannot be
//!   read), in the directions that it has (both, if those cannot be read): what other policies allow stays allowed, since
//!   policies only add, and everything else is Unknown.
//! - **The own node** has the addresses that its Node object and the Pods' status say, and for Pods on the node of who asks
//!   those of its interfaces ([`Here`]): the kubelet's probes come from a bridge's, which no object tells.
//! - **A Pod in the node's network** is Unknown wherever a policy would select it; a node's address is no Pod's.
//! - **UDP ingress** is Unknown: its sender is not observed. Raw sockets have no port, so they ask no question here.

mod address;
mod answer;
mod cluster;
pub mod document;
mod live;
mod ports;
mod selector;
mod tables;
#[cfg(test)]
mod tests;

pub use address::{Cidr, CidrError, canonical};
pub use answer::{
    Allowance, Always, Answer, Cause, Explanation, Match, PeerKind, PolicyReason, Question, RuleReason,
    Target, Verdict,
};
pub use cluster::{Change, Cluster, Here, PodId};
pub use document::{Key, Kind, Name, Object, Protocol};
pub use live::{Changes, Network, PodTables, TableId};
pub use ports::{PortRange, Ports};
pub use selector::{Labels, Selector};
pub use tables::{Entry, Tables};

use serde::Serialize;

/// Which side of a connection the Pod is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Direction {
    /// It connects, or sends.
    Egress,
    /// It is connected to, or receives.
    Ingress,
}

impl Direction {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Egress, Self::Ingress];
}
