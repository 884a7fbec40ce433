//! The maps as the programs look things up in them, beside what the policies say.

use std::{collections::BTreeMap, net::IpAddr};

use agent_common::{
    connections::{ADDRESS_BITS, Entry, Host, NO_TABLE, PORT_BITS, Port, Prefix, ports, verdict},
    event::IpBytes,
};
use policy::network::{Protocol, Question, Verdict, document};

use super::{writer::bytes, *};

/// Maps that are no kernel's.
#[derive(Debug)]
pub(super) struct Fake {
    pub(super) hosts: HashMap<Host, u32>,
    pub(super) prefixes: HashMap<(u32, Prefix), Entry>,
    pub(super) ports: HashMap<(u32, Port), u32>,
    pub(super) pod_addresses: HashSet<IpBytes>,
    /// How much may be written yet.
    pub(super) room: usize,
    /// Asked after each write.
    pub(super) watched: Vec<Watched>,
}

/// A connection that holds before and after.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched {
    tables: PodTables,
    peer: IpAddr,
    port: u16,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            hosts: HashMap::new(),
            prefixes: HashMap::new(),
            ports: HashMap::new(),
            pod_addresses: HashSet::new(),
            room: usize::MAX,
            watched: Vec::new(),
        }
    }
}

impl Fake {
    fn written(&mut self) -> Result<(), Full> {
        self.room = self.room.checked_sub(1).ok_or(Full("fake"))?;
        Ok(())
    }

    fn check(&self) {
        for Watched { tables, peer, port } in &self.watched {
            assert!(!self.are_denied(*tables, *peer, 6, *port), "{peer} port {port} is denied for a moment");
        }
    }

    /// As agent-ebpf's `connections` does.
    pub(super) fn are_denied(&self, tables: PodTables, peer: IpAddr, protocol: u8, port: u16) -> bool {
        if tables.shared == NO_TABLE {
            return false;
        }
        match self.set_of(tables, bytes(peer)) {
            None | Some(ports::UNKNOWN | ports::ALLOWED) => false,
            Some(ports::DENIED) => true,
            Some(set) => {
                let held = (0..=PORT_BITS).rev().find_map(|bits| {
                    let kept = u16::try_from(u32::from(u16::MAX) << (PORT_BITS - bits).min(16) & 0xffff);
                    let port = (port & kept.unwrap_or(0)).to_be_bytes();
                    self.ports.get(&(bits, Port { set, protocol, _pad: 0, port }))
                });
                held == Some(&verdict::DENIED)
            }
        }
    }

    fn set_of(&self, tables: PodTables, address: IpBytes) -> Option<u32> {
        let host = |table| self.hosts.get(&Host { address, table }).filter(|_| table != NO_TABLE).copied();
        host(tables.own).or_else(|| host(tables.shared)).or_else(|| {
            let table = tables.shared;
            let entry = (32..=ADDRESS_BITS).rev().find_map(|bits| {
                let kept = u128::MAX.checked_shl(ADDRESS_BITS - bits).unwrap_or(0);
                let address = (u128::from_be_bytes(address) & kept).to_be_bytes();
                self.prefixes.get(&(bits, Prefix { table, address }))
            })?;
            Some(if self.pod_addresses.contains(&address) { entry.pods } else { entry.others })
        })
    }
}

impl Maps for Fake {
    fn set_host(&mut self, key: Host, set: u32) -> Result<(), Full> {
        self.written()?;
        self.hosts.insert(key, set);
        self.check();
        Ok(())
    }

    fn remove_host(&mut self, key: Host) {
        self.hosts.remove(&key);
        self.check();
    }

    fn set_prefix(&mut self, bits: u32, key: Prefix, entry: Entry) -> Result<(), Full> {
        self.written()?;
        self.prefixes.insert((bits, key), entry);
        self.check();
        Ok(())
    }

    fn remove_prefix(&mut self, bits: u32, key: Prefix) {
        self.prefixes.remove(&(bits, key));
        self.check();
    }

    fn set_port(&mut self, bits: u32, key: Port, verdict: u32) -> Result<(), Full> {
        self.written()?;
        self.ports.insert((bits, key), verdict);
        self.check();
        Ok(())
    }

    fn remove_port(&mut self, bits: u32, key: Port) {
        self.ports.remove(&(bits, key));
        self.check();
    }

    fn set_pod_address(&mut self, address: IpBytes) -> Result<(), Full> {
        self.written()?;
        self.pod_addresses.insert(address);
        self.check();
        Ok(())
    }

    fn remove_pod_address(&mut self, address: IpBytes) {
        self.pod_addresses.remove(&address);
        self.check();
    }
}

const PLACE: &str = "\
kind: Node
metadata: {name: worker}
spec: {podCIDRs: [10.1.0.0/16]}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
kind: Namespace
metadata: {name: shop}
---
kind: Service
metadata: {name: db, namespace: shop}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], ports: [{port: 5432}], selector: {app: db}}
---
kind: EndpointSlice
metadata: {name: db-1, namespace: shop, labels: {kubernetes.io/service-name: db}}
addressType: IPv4
ports: [{name: '', port: 5432, protocol: TCP}]
endpoints: [{addresses: [10.1.0.2]}]
";

fn pod(name: &str, app: &str, address: &str) -> String {
    format!(
        "---\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {app}}}}}\nspec: {{nodeName: worker}}\n\
         status: {{podIP: {address}, podIPs: [{{ip: {address}}}], hostIP: 192.168.0.1}}\n"
    )
}

fn policy_of(name: &str, selected: &str, egress: &str) -> String {
    format!(
        "---\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  podSelector: {{matchLabels: {{app: \
         {selected}}}}}\n  policyTypes: [Egress]\n  egress: {egress}\n"
    )
}

const TO_DB: &str = "[{to: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: 5432}]}, {to: [{ipBlock: {cidr: \
                     10.9.0.0/16, except: [10.9.8.0/24]}}], ports: [{port: 1000, endPort: 2999}]}]";

fn cluster(parts: &[&str]) -> Arc<Cluster> {
    let text = [PLACE, &parts.concat()].concat();
    Arc::new(Cluster::new(objects(&text)))
}

pub(super) fn objects(text: &str) -> Vec<policy::network::Object> {
    let of_document = |node| {
        let read = document::read(&node);
        assert!(read.mistakes.is_empty(), "{:?}", read.mistakes);
        read.objects
    };
    policy::yaml::documents(text).flat_map(|node| of_document(node.expect("it is YAML"))).collect()
}

fn web() -> Name {
    Name::new("shop", "web")
}

/// What the maps say is what the policies say, but that only what is certainly denied is.
fn assert_alike(
    connections: &Connections<Fake>,
    cluster: &Cluster,
    pods: &BTreeMap<Name, PodTables>,
) -> usize {
    let peers = [
        "10.1.0.1",
        "10.1.0.2",
        "10.1.0.3",
        "10.1.0.9",
        "10.96.0.7",
        "10.96.0.8",
        "192.168.0.1",
        "192.168.0.2",
        "127.0.0.1",
        "::1",
        "2001:db8::1",
        "10.9.0.1",
        "10.9.8.1",
        "8.8.8.8",
    ];
    let mut denied = 0;
    for (pod, tables) in pods {
        let id = cluster.find(pod).expect("it is declared");
        for peer in peers.map(|peer| peer.parse::<IpAddr>().expect("an address")) {
            for (protocol, number) in [(Protocol::Tcp, 6), (Protocol::Udp, 17), (Protocol::Sctp, 132)] {
                for port in [0, 22, 999, 1000, 2999, 3000, 5431, 5432, 5433, u16::MAX] {
                    let question = Question { direction: Direction::Egress, peer, protocol, port };
                    let said = cluster.answer(id, &question).verdict();
                    let held = connections.maps.are_denied(*tables, peer, number, port);
                    assert_eq!(held, said == Verdict::Denied, "{pod} to {peer} {protocol} {port}: {said:?}");
                    denied += usize::from(held);
                }
            }
        }
    }
    denied
}

#[test]
fn maps_say_what_the_policies_say() {
    let cluster = cluster(&[
        &pod("web", "web", "10.1.0.1"),
        &pod("db", "db", "10.1.0.2"),
        &pod("other", "web", "10.1.0.3"),
        &policy_of("web", "web", TO_DB),
    ]);
    let mut connections = Connections::new(Fake::default(), Arc::clone(&cluster));
    let names = ["web", "other", "db"].map(|name| Name::new("shop", name));
    let pods: BTreeMap<_, _> = (1..)
        .zip(&names)
        .map(|(container, name)| (name.clone(), connections.tables(container, name)))
        .collect();
    assert_eq!(pods[&names[2]], PodTables::default(), "no policy selects it");
    assert_eq!(pods[&names[0]].shared, pods[&names[1]].shared, "the same policies select both");
    let denied = assert_alike(&connections, &cluster, &pods);
    assert!(denied > 100, "{denied}");
}

#[test]
fn what_changes_is_what_the_policies_say_then() {
    let base = [pod("web", "web", "10.1.0.1"), pod("db", "db", "10.1.0.2")].concat();
    let steps = [
        vec![policy_of("web", "web", TO_DB)],
        vec![policy_of("web", "web", TO_DB), pod("cache", "db", "10.1.0.3")],
        vec![policy_of("web", "web", TO_DB), pod("cache", "x", "10.1.0.3")],
        vec![policy_of("web", "web", "[]"), pod("cache", "x", "10.1.0.3")],
        vec![policy_of("web", "web", "[]"), policy_of("two", "web", "[{ports: [{port: 5432}]}]")],
        vec![],
        vec![policy_of("web", "db", TO_DB)],
        vec![policy_of("web", "web", TO_DB)],
    ];
    let mut connections = Connections::new(Fake::default(), Arc::default());
    let mut tables = connections.tables(1, &web());
    assert_eq!(tables, PodTables::default(), "it is not declared yet");
    for (step, parts) in steps.iter().enumerate() {
        let cluster = cluster(&[&base, &parts.concat()]);
        let (changed, left) = connections.update(Arc::clone(&cluster));
        let now = connections.tables(1, &web());
        assert_eq!(changed.contains(&1), now != tables, "step {step}");
        tables = now;
        connections.take_away(&left);
        let denied = assert_alike(&connections, &cluster, &[(web(), tables)].into());
        assert_eq!(denied > 0, tables != PodTables::default(), "step {step}");
    }
    connections.forget(1);
    let Fake { hosts, prefixes, ports, pod_addresses, .. } = &connections.maps;
    assert!(hosts.is_empty() && prefixes.is_empty() && ports.is_empty() && pod_addresses.is_empty());
}

/// Guards against a table that is taken away before its containers have another, and against an address that is without an
/// entry for a moment.
#[test]
fn connection_that_is_allowed_before_and_after_is_allowed_at_every_write_in_between() {
    let base = [pod("web", "web", "10.1.0.1"), pod("db", "db", "10.1.0.2")].concat();
    let to_port = policy_of("web", "web", "[{ports: [{port: 5432}]}]");
    let before = cluster(&[&base, &policy_of("web", "web", TO_DB)]);
    let mut connections = Connections::new(Fake::default(), before);
    let tables = connections.tables(1, &web());
    // The second becomes a Pod, of which nothing is known before.
    let watched = ["10.1.0.2", "10.1.0.9"].map(|peer| peer.parse().expect("an address"));
    connections.maps.watched = watched.map(|peer| Watched { tables, peer, port: 5432 }).into();
    for parts in
        [&to_port, &policy_of("web", "web", TO_DB), &[&*to_port, &*pod("more", "db", "10.1.0.9")].concat()]
    {
        let (changed, left) = connections.update(cluster(&[&base, parts]));
        if changed.contains(&1) {
            let tables = connections.tables(1, &web());
            connections.maps.watched.iter_mut().for_each(|watched| watched.tables = tables);
        }
        connections.take_away(&left);
    }
}

#[test]
#[should_panic(expected = "is denied for a moment")]
fn table_taken_away_too_early_is_noticed() {
    let base = [pod("web", "web", "10.1.0.1"), pod("db", "db", "10.1.0.2")].concat();
    let mut connections =
        Connections::new(Fake::default(), cluster(&[&base, &policy_of("web", "web", TO_DB)]));
    let tables = connections.tables(1, &web());
    let peer = "10.1.0.2".parse().expect("an address");
    connections.maps.watched = vec![Watched { tables, peer, port: 5432 }];
    let own: Vec<_> = connections.maps.hosts.keys().copied().collect();
    own.into_iter().for_each(|host| connections.maps.remove_host(host));
}

#[test]
fn tables_without_room_deny_nothing_and_are_counted() {
    let parts = [pod("web", "web", "10.1.0.1"), policy_of("web", "web", TO_DB)];
    for room in [3, 5, 8] {
        let cluster = cluster(&[&parts.concat()]);
        let mut connections = Connections::new(Fake { room, ..Fake::default() }, cluster);
        assert_eq!(connections.tables(1, &web()), PodTables::default(), "room {room}");
        assert!(connections.refused() > 0);
        let Fake { hosts, prefixes, .. } = &connections.maps;
        assert!(hosts.is_empty() && prefixes.is_empty(), "room {room}");
    }
}
