//! Networks.

#[cfg(test)]
mod tests;

use std::fmt::{self, Display, Formatter};
use std::net::IpAddr;
use std::str::FromStr;

/// An address with the length of its network's prefix: `10.0.0.1/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix_length: u8,
}

/// Why a text is no address, or no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// It is not written as an address is.
    #[error("it is not written as an address")]
    Address,
    /// What stands after the `%` means something on one machine only.
    #[error("an address with a zone is not allowed")]
    Zone,
    /// An address of IPv4 in the place of one of IPv6.
    #[error("an IPv4 address within an IPv6 one is not allowed")]
    Mapped,
    /// The length of the prefix is missing, or is not written plainly, or is more than the address has bits.
    #[error("it does not end in the length of a prefix")]
    Prefix,
}

/// Reads an address as Go does. One of IPv4 that is written as one of IPv6 (`::ffff:c0a8:1`) is the one of IPv4, but
/// not if it is written half in the one form and half in the other: the language's specification refuses that.
pub(crate) fn address(text: &str) -> Result<IpAddr, NetworkError> {
    if text.contains('%') {
        return Err(NetworkError::Zone);
    }
    let address: IpAddr = text.parse().map_err(|_| NetworkError::Address)?;
    let canonical = address.to_canonical();
    if canonical != address && text.contains('.') { Err(NetworkError::Mapped) } else { Ok(canonical) }
}

impl Cidr {
    /// None where an address has fewer bits.
    #[must_use]
    pub const fn new(address: IpAddr, prefix_length: u8) -> Option<Self> {
        if prefix_length <= bits(address) { Some(Self { address, prefix_length }) } else { None }
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

    /// The same network, with zeros behind the prefix.
    #[must_use]
    pub fn masked(self) -> Self {
        let address = match self.address {
            IpAddr::V4(address) => {
                let behind = u32::MAX.checked_shr(self.prefix_length.into()).unwrap_or(0);
                IpAddr::V4((address.to_bits() & !behind).into())
            }
            IpAddr::V6(address) => {
                let behind = u128::MAX.checked_shr(self.prefix_length.into()).unwrap_or(0);
                IpAddr::V6((address.to_bits() & !behind).into())
            }
        };
        Self { address, ..self }
    }

    /// Whether the address is of the network.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let of_other = Self { address, ..self };
        address.is_ipv4() == self.address.is_ipv4() && of_other.masked() == self.masked()
    }

    /// Whether all of the other network is of this one.
    #[must_use]
    pub fn contains_network(self, other: Self) -> bool {
        self.prefix_length <= other.prefix_length && self.contains(other.address)
    }
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Cidr {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (before, length) = text.rsplit_once('/').ok_or(NetworkError::Prefix)?;
        if before.contains('%') {
            return Err(NetworkError::Zone);
        }
        let address: IpAddr = before.parse().map_err(|_| NetworkError::Address)?;
        if address.to_canonical() != address {
            return Err(NetworkError::Mapped);
        }
        // No sign and no zeros in front.
        let plain = length == "0" || length.starts_with(|digit: char| ('1'..='9').contains(&digit));
        let length = if plain { length.parse().ok() } else { None };
        length.and_then(|length| Self::new(address, length)).ok_or(NetworkError::Prefix)
    }
}

impl Display for Cidr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_length)
    }
}
