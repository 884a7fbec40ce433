//! Addresses and networks.

#[cfg(test)]
mod tests;

use super::{Answer, Function};
use crate::budget::Budget;
use crate::error::EvaluationErrorKind;
use crate::fault::Fault;
use crate::value::{Cidr, NetworkError, Type, Value, address, evidence};
use std::net::{IpAddr, Ipv4Addr};

const OF_ADDRESS: &[&str] = &["ip -> bool"];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::global("ip", &["string -> ip"], ip),
    Function::member("ip", &["cidr -> ip"], ip_of),
    Function::global("isIP", &["string -> bool"], is_ip),
    Function::global("ip.isCanonical", &["string -> bool"], is_canonical),
    Function::member("family", &["ip -> int"], family),
    Function::member("isUnspecified", OF_ADDRESS, is_unspecified),
    Function::member("isLoopback", OF_ADDRESS, is_loopback),
    Function::member("isLinkLocalMulticast", OF_ADDRESS, is_link_local_multicast),
    Function::member("isLinkLocalUnicast", OF_ADDRESS, is_link_local_unicast),
    Function::member("isGlobalUnicast", OF_ADDRESS, is_global_unicast),
    Function::global("cidr", &["string -> cidr"], cidr),
    Function::global("isCIDR", &["string -> bool"], is_cidr),
    Function::member("prefixLength", &["cidr -> int"], prefix_length),
    Function::member("masked", &["cidr -> cidr"], masked),
    Function::member("isMask", &["cidr -> bool"], is_mask),
    Function::member("containsIP", &["cidr, ip -> bool", "cidr, string -> bool"], contains_ip),
    Function::member("containsCIDR", &["cidr, cidr -> bool", "cidr, string -> bool"], contains_cidr),
];

/// An address or a network of a text.
fn read<T>(
    text: &str,
    wanted: Type,
    budget: &mut Budget,
    read: fn(&str) -> Result<T, NetworkError>,
) -> Result<T, Fault> {
    budget.charge_bytes(text.len())?;
    let invalid = |reason| EvaluationErrorKind::Network {
        text: evidence(Value::from(text)),
        wanted: wanted.name(),
        reason,
    };
    Ok(read(text).map_err(invalid)?)
}

fn read_address(text: &str, budget: &mut Budget) -> Result<IpAddr, Fault> {
    read(text, Type::Ip, budget, address)
}

fn read_network(text: &str, budget: &mut Budget) -> Result<Cidr, Fault> {
    read(text, Type::Cidr, budget, str::parse)
}

/// The answer to a question about a text.
fn ask_text<'a>(arguments: &[&Value<'a>], budget: &mut Budget, question: fn(&str) -> bool) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    budget.charge_bytes(text.len())?;
    Ok(Some(Value::Bool(question(text))))
}

/// The answer to a question about an address.
fn ask_address<'a>(arguments: &[&Value<'a>], question: fn(IpAddr) -> bool) -> Answer<'a> {
    let [Value::Ip(address)] = arguments else { return Ok(None) };
    Ok(Some(Value::Bool(question(*address))))
}

fn ip<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    Ok(Some(Value::Ip(read_address(text, budget)?)))
}

fn ip_of<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Cidr(cidr)] = arguments else { return Ok(None) };
    Ok(Some(Value::Ip(cidr.address())))
}

fn is_ip<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask_text(arguments, budget, |text| address(text).is_ok())
}

fn is_canonical<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    let address = read_address(text, budget)?;
    Ok(Some(Value::Bool(address.to_string() == **text)))
}

fn family<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Ip(address)] = arguments else { return Ok(None) };
    Ok(Some(Value::Int(if address.is_ipv4() { 4 } else { 6 })))
}

fn is_unspecified<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    ask_address(arguments, |address| address.is_unspecified())
}

fn is_loopback<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    ask_address(arguments, |address| address.is_loopback())
}

fn is_link_local_multicast<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    ask_address(arguments, |address| match address {
        // 224.0.0.0/24, of RFC 5771.
        IpAddr::V4(address) => address.octets().starts_with(&[224, 0, 0]),
        // Scope 2, of RFC 4291, whatever the flags.
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    })
}

fn is_link_local_unicast<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    ask_address(arguments, link_local_unicast)
}

fn link_local_unicast(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Go's notion: private networks are global too.
fn is_global_unicast<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    ask_address(arguments, |address| {
        address != Ipv4Addr::BROADCAST
            && !address.is_unspecified()
            && !address.is_loopback()
            && !address.is_multicast()
            && !link_local_unicast(address)
    })
}

fn cidr<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let [Value::String(text)] = arguments else { return Ok(None) };
    Ok(Some(Value::Cidr(read_network(text, budget)?)))
}

fn is_cidr<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    ask_text(arguments, budget, |text| text.parse::<Cidr>().is_ok())
}

fn prefix_length<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Cidr(cidr)] = arguments else { return Ok(None) };
    Ok(Some(Value::Int(cidr.prefix_length().into())))
}

fn masked<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Cidr(cidr)] = arguments else { return Ok(None) };
    Ok(Some(Value::Cidr(cidr.masked())))
}

fn is_mask<'a>(arguments: &[&Value<'a>], _: &mut Budget) -> Answer<'a> {
    let [Value::Cidr(cidr)] = arguments else { return Ok(None) };
    Ok(Some(Value::Bool(cidr.masked() == *cidr)))
}

fn contains_ip<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (cidr, address) = match arguments {
        [Value::Cidr(cidr), Value::Ip(address)] => (cidr, *address),
        [Value::Cidr(cidr), Value::String(text)] => (cidr, read_address(text, budget)?),
        _ => return Ok(None),
    };
    Ok(Some(Value::Bool(cidr.contains(address))))
}

fn contains_cidr<'a>(arguments: &[&Value<'a>], budget: &mut Budget) -> Answer<'a> {
    let (cidr, other) = match arguments {
        [Value::Cidr(cidr), Value::Cidr(other)] => (cidr, *other),
        [Value::Cidr(cidr), Value::String(text)] => (cidr, read_network(text, budget)?),
        _ => return Ok(None),
    };
    Ok(Some(Value::Bool(cidr.contains_network(other))))
}
