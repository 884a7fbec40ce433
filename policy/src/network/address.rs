//! Addresses and ranges of them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

/// A range of addresses of one family: those whose first bits are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    network: IpAddr,
    length: u8,
}

/// Why a text is no range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "each variant's sentence says what it is")]
pub enum CidrError {
    #[error("`{0}` is no range of addresses such as 10.9.8.0/24 or 2001:db8::/64")]
    Syntax(String),
    #[error("`{0}` is an IPv4 address written as an IPv6 one")]
    Mapped(String),
    #[error("`{text}` has bits set after its first {length}; the range is {meant}")]
    HostBits { text: String, length: u8, meant: Cidr },
}

impl Cidr {
    /// Every IPv4 address.
    pub const ALL_V4: Self = Self { network: IpAddr::V4(Ipv4Addr::UNSPECIFIED), length: 0 };
    /// Every IPv6 address.
    pub const ALL_V6: Self = Self { network: IpAddr::V6(Ipv6Addr::UNSPECIFIED), length: 0 };
    /// RFC 1122, 3.2.1.3: never leaves the host.
    pub const LOOPBACK_V4: Self = Self { network: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), length: 8 };

    /// The range of one address.
    pub fn host(address: IpAddr) -> Self {
        Self { network: address, length: bits_of_family(address) }
    }

    /// Reads a range as the API server does under its strict validation: no leading zeros, no IPv4 address written as
    /// an IPv6 one, no bits set after the prefix.
    ///
    /// # Errors
    /// If it is none.
    pub fn parse(text: &str) -> Result<Self, CidrError> {
        let syntax = || CidrError::Syntax(text.to_owned());
        let (address, length) = text.split_once('/').ok_or_else(syntax)?;
        let address: IpAddr = address.parse().map_err(|_| syntax())?;
        let is_plain =
            length.bytes().all(|byte| byte.is_ascii_digit()) && (length == "0" || !length.starts_with('0'));
        let length: u8 = length.parse().ok().filter(|_| is_plain).ok_or_else(syntax)?;
        if length > bits_of_family(address) {
            return Err(syntax());
        }
        if canonical(address) != address {
            return Err(CidrError::Mapped(text.to_owned()));
        }
        let meant = Self { network: cut(address, length), length };
        if meant.network == address {
            Ok(meant)
        } else {
            Err(CidrError::HostBits { text: text.to_owned(), length, meant })
        }
    }

    /// Whether all of the other is in it.
    pub fn contains(&self, other: &Self) -> bool {
        self.network.is_ipv4() == other.network.is_ipv4()
            && self.length <= other.length
            && cut(other.network, self.length) == self.network
    }

    /// How many bits its addresses have in common.
    pub fn length(&self) -> u8 {
        self.length
    }

    /// Its first address.
    pub fn network(&self) -> IpAddr {
        self.network
    }

    /// The two ranges that it consists of; none if it is one address.
    pub(super) fn halves(&self) -> Option<[Self; 2]> {
        let length = self.length + 1;
        let upper = match self.network {
            IpAddr::V4(v4) => {
                IpAddr::V4((v4.to_bits() | 1_u32.checked_shl(32_u32.checked_sub(length.into())?)?).into())
            }
            IpAddr::V6(v6) => {
                IpAddr::V6((v6.to_bits() | 1_u128.checked_shl(128_u32.checked_sub(length.into())?)?).into())
            }
        };
        Some([self.network, upper].map(|network| Self { network, length }))
    }

    /// The range of such a length that the address is in.
    pub fn around(address: IpAddr, length: u8) -> Self {
        let length = length.min(bits_of_family(address));
        Self { network: cut(address, length), length }
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.length)
    }
}

/// The address as it is compared: an IPv4 one written as an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 one.
pub fn canonical(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

fn bits_of_family(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with all bits after the first `length` cleared.
fn cut(address: IpAddr, length: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}
