//! Networks.

use std::net::IpAddr;

/// An address with the length of its network's prefix: `10.0.0.1/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix_length: u8,
}

impl Cidr {
    /// None where an address has fewer bits.
    #[must_use]
    pub const fn new(address: IpAddr, prefix_length: u8) -> Option<Self> {
        let bits = if address.is_ipv4() { 32 } else { 128 };
        if prefix_length <= bits { Some(Self { address, prefix_length }) } else { None }
    }

    /// The address as it was given, with what lies behind the prefix.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// How many bits of the address are the network's.
    #[must_use]
    pub const fn prefix_length(self) -> u8 {
        self.prefix_length
    }
}
