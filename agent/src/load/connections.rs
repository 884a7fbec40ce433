//! The maps that hold the tables of where Pods may connect to.

use agent_common::{
    connections::{Entry, Host, Port, Prefix},
    event::IpBytes,
};
use aya::maps::{HashMap, LpmTrie, MapData, lpm_trie::Key};

use super::{LoadError, Programs};
use crate::connections::{Full, Maps};

/// Writing ends of the maps.
#[expect(missing_debug_implementations, reason = "aya's maps have none")]
pub struct KernelMaps {
    hosts: HashMap<MapData, [u8; size_of::<Host>()], [u8; 4]>,
    prefixes: LpmTrie<MapData, [u8; size_of::<Prefix>()], [u8; size_of::<Entry>()]>,
    ports: LpmTrie<MapData, [u8; size_of::<Port>()], [u8; 4]>,
    pod_addresses: HashMap<MapData, IpBytes, [u8; 4]>,
}

impl KernelMaps {
    /// # Errors
    /// The object lacks a map or has it in another shape.
    pub fn take(programs: &mut Programs) -> Result<Self, LoadError> {
        Ok(Self {
            hosts: programs.hash("HOSTS")?,
            prefixes: programs.trie("PREFIXES")?,
            ports: programs.trie("PORTS")?,
            pod_addresses: programs.hash("POD_ADDRESSES")?,
        })
    }
}

impl Maps for KernelMaps {
    fn set_host(&mut self, key: Host, set: u32) -> Result<(), Full> {
        let written = self.hosts.insert(bytemuck::cast::<_, [u8; _]>(key), set.to_ne_bytes(), 0);
        written.map_err(|_| Full("HOSTS"))
    }

    fn remove_host(&mut self, key: Host) {
        let _ = self.hosts.remove(&bytemuck::cast(key));
    }

    fn set_prefix(&mut self, bits: u32, key: Prefix, entry: Entry) -> Result<(), Full> {
        let key = Key::new(bits, bytemuck::cast(key));
        self.prefixes.insert(&key, bytemuck::cast::<_, [u8; _]>(entry), 0).map_err(|_| Full("PREFIXES"))
    }

    fn remove_prefix(&mut self, bits: u32, key: Prefix) {
        let _ = self.prefixes.remove(&Key::new(bits, bytemuck::cast(key)));
    }

    fn set_port(&mut self, bits: u32, key: Port, verdict: u32) -> Result<(), Full> {
        let key = Key::new(bits, bytemuck::cast(key));
        self.ports.insert(&key, verdict.to_ne_bytes(), 0).map_err(|_| Full("PORTS"))
    }

    fn remove_port(&mut self, bits: u32, key: Port) {
        let _ = self.ports.remove(&Key::new(bits, bytemuck::cast(key)));
    }

    fn set_pod_address(&mut self, address: IpBytes) -> Result<(), Full> {
        self.pod_addresses.insert(address, [0; 4], 0).map_err(|_| Full("POD_ADDRESSES"))
    }

    fn remove_pod_address(&mut self, address: IpBytes) {
        let _ = self.pod_addresses.remove(&address);
    }
}
