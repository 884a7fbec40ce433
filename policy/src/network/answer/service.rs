//! An address against the policies: a Service's by its endpoints.

use std::net::IpAddr;

use super::{Answer, Cause, Class, View};
use crate::network::Direction;
use crate::network::address::Cidr;
use crate::network::document::{Protocol, Service, ServicePort};

impl<'a> View<'a> {
    pub(super) fn judge(&self, peer: IpAddr, protocol: Protocol, port: u16) -> Answer {
        if self.direction == Direction::Ingress {
            return self.direct(peer, protocol, port);
        }
        let mut services = self.cluster.services_at(peer).peekable();
        if services.peek().is_none() {
            return self.with_node_ports(peer, protocol, port);
        }
        let (inner, outer): (Vec<_>, Vec<_>) =
            services.partition(|service| service.cluster_addresses.contains(&peer));
        if let Some(service) = inner.first() {
            return match port_of(service, protocol, port) {
                Some(of) => self.rewritten(service, of, &self.plain(peer, protocol, port)),
                None => Answer::Unknown(Cause::NoSuchPort),
            };
        }
        // What comes in from outside is rewritten only at the ports that a Service has.
        let direct = self.with_node_ports(peer, protocol, port);
        let behind = outer.iter().filter_map(|service| Some((service, port_of(service, protocol, port)?)));
        behind.fold(direct.clone(), |answer, (service, of)| {
            answer.agree(&self.rewritten(service, of, &direct), Cause::Rewritten)
        })
    }

    /// An address that no Service has, which a node's port may be a Service's at.
    fn with_node_ports(&self, peer: IpAddr, protocol: Protocol, port: u16) -> Answer {
        let direct = self.direct(peer, protocol, port);
        if !self.cluster.is_node(peer) {
            return direct;
        }
        self.cluster.services_on_node_port(protocol, port).fold(direct.clone(), |answer, service| {
            let of = service.ports.iter().find(|of| of.protocol == protocol && of.node_port == Some(port));
            of.map_or(answer.clone(), |of| {
                answer.agree(&self.rewritten(service, of, &direct), Cause::Rewritten)
            })
        })
    }

    /// What the policies say of the address as it is.
    pub(super) fn direct(&self, peer: IpAddr, protocol: Protocol, port: u16) -> Answer {
        let at = Cidr::host(peer);
        let say = |class: Class<'a>| self.policies_say(class, &at, protocol, port);
        let answers = self.classes(peer).into_iter().map(say);
        answers.reduce(|one, other| one.agree(&other, Cause::SharedAddress)).unwrap_or(Answer::Denied)
    }

    fn plain(&self, peer: IpAddr, protocol: Protocol, port: u16) -> Answer {
        self.policies_say(Class::Plain, &Cidr::host(peer), protocol, port)
    }

    /// What holds for what is sent on to the endpoints, when `before` is what holds where the policies are asked before
    /// that.
    fn rewritten(&self, service: &Service, port: &ServicePort, before: &Answer) -> Answer {
        let endpoints = self.cluster.endpoints(service, port).unwrap_or_default();
        let answers =
            endpoints.iter().map(|(address, number)| self.endpoint(*address, port.protocol, *number, before));
        answers
            .reduce(|one, other| one.agree(&other, Cause::EndpointsDiffer))
            .unwrap_or(Answer::Unknown(Cause::NoEndpoints))
    }

    pub(super) fn endpoint(&self, address: IpAddr, protocol: Protocol, port: u16, before: &Answer) -> Answer {
        if let Some(always) = self.always(address) {
            return Answer::Always(always);
        }
        let after = self.direct(address, protocol, port);
        let is_pod = self.cluster.is_pod(address);
        match after {
            // A Service's Pods are what is judged. A rule about the address before cannot take that back.
            Answer::Allowed(_) if is_pod => after,
            _ => after.agree(before, Cause::Rewritten),
        }
    }
}

pub(super) fn port_of(service: &Service, protocol: Protocol, port: u16) -> Option<&ServicePort> {
    service.ports.iter().find(|of| of.protocol == protocol && of.port == port)
}
