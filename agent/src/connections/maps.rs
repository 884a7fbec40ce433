//! The kernel's maps, as far as tables are written into them.

use agent_common::{
    connections::{Entry, Host, Port, Prefix},
    event::IpBytes,
};
use thiserror::Error;

/// A map has no room for what was to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the kernel's map `{0}` is full")]
pub struct Full(pub &'static str);

/// Where tables are written. What is removed may be gone already.
pub trait Maps {
    /// # Errors
    /// There is no room.
    fn set_host(&mut self, key: Host, set: u32) -> Result<(), Full>;
    fn remove_host(&mut self, key: Host);
    /// # Errors
    /// There is no room.
    fn set_prefix(&mut self, bits: u32, key: Prefix, entry: Entry) -> Result<(), Full>;
    fn remove_prefix(&mut self, bits: u32, key: Prefix);
    /// # Errors
    /// There is no room.
    fn set_port(&mut self, bits: u32, key: Port, verdict: u32) -> Result<(), Full>;
    fn remove_port(&mut self, bits: u32, key: Port);
    /// # Errors
    /// There is no room.
    fn set_pod_address(&mut self, address: IpBytes) -> Result<(), Full>;
    fn remove_pod_address(&mut self, address: IpBytes);
}
