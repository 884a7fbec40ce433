//! What Pods have in common that share a table.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::network::answer::View;
use crate::network::document::{Name, NamedPort, PortMatch};
use crate::network::{Cluster, Direction};

/// All that an answer depends on but the Pod's own addresses: a [`View`] without them.
///
/// Pods of one node that the same policies select have it in common, on ingress those whose containers mean the same by
/// the names of ports that these policies use.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::network) struct Common {
    direction: Direction,
    pub(in crate::network) policies: Vec<Name>,
    host_network: bool,
    own_node: Option<BTreeSet<IpAddr>>,
    /// Their node is the one of who asks.
    is_here: bool,
    ports: Vec<NamedPort>,
}

impl Common {
    pub(in crate::network) fn of(view: &View<'_>) -> Self {
        let View { cluster: _, direction, addresses: _, host_network, ports, policies, own_node, here } =
            view;
        let is_used = |port: &&NamedPort| view.uses(port);
        let mut ports: Vec<_> = ports.iter().filter(is_used).cloned().collect();
        ports.sort_unstable();
        ports.dedup();
        Self {
            direction: *direction,
            policies: policies.iter().map(|policy| policy.name.clone()).collect(),
            host_network: *host_network,
            own_node: own_node.clone(),
            is_here: here.is_some(),
            ports,
        }
    }

    /// Any of the Pods. A policy that is gone selects nobody.
    pub(in crate::network) fn view<'a>(&'a self, cluster: &'a Cluster) -> View<'a> {
        let Self { direction, policies, host_network, own_node, is_here, ports } = self;
        View {
            cluster,
            direction: *direction,
            addresses: &[],
            host_network: *host_network,
            ports,
            policies: policies.iter().filter_map(|name| cluster.policy(name)).collect(),
            own_node: own_node.clone(),
            here: cluster.here().filter(|_| *is_here),
        }
    }
}

impl View<'_> {
    /// Whether a rule may mean a port of the Pod's own by its name: on egress the name is one of the peer's.
    fn uses(&self, port: &NamedPort) -> bool {
        let rules = self.policies.iter().flat_map(|policy| policy.rules(self.direction).unwrap_or_default());
        self.direction == Direction::Ingress
            && rules.flat_map(|rule| &rule.ports).any(|about| match &about.port {
                PortMatch::Named(name) => port.is_called(about.protocol, name),
                PortMatch::Any | PortMatch::Range(..) => false,
            })
    }
}
