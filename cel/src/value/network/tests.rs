use super::{Cidr, NetworkError, address};
use proptest::prelude::any;
use proptest::{prop_assert, prop_assert_eq, proptest};
use std::net::IpAddr;

fn network(text: &str) -> Cidr {
    text.parse().unwrap()
}

#[test]
fn an_address_is_written_in_its_canonical_form() {
    for (text, written) in [
        ("192.168.0.1", "192.168.0.1"),
        ("2001:DB8::0068", "2001:db8::68"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:0:0:2:3:0:0:4", "1::2:3:0:0:4"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("64:ff9b::1.2.3.4", "64:ff9b::102:304"),
        ("::1.2.3.4", "::102:304"),
        ("::ffff:c0a8:1", "192.168.0.1"),
    ] {
        assert_eq!(address(text).map(|address| address.to_string()), Ok(written.to_owned()), "{text:?}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for (text, error) in [
        ("", NetworkError::Address),
        ("192.168.0", NetworkError::Address),
        ("192.168.0.1.0", NetworkError::Address),
        ("192.168.00.1", NetworkError::Address),
        ("192.168.0.256", NetworkError::Address),
        (" 192.168.0.1", NetworkError::Address),
        ("2001:db8:::68", NetworkError::Address),
        ("1::2::3", NetworkError::Address),
        ("1::2:3:4:5:6:7:8", NetworkError::Address),
        ("::00001", NetworkError::Address),
        ("fe80::1%en0", NetworkError::Zone),
        ("::ffff:192.168.0.1", NetworkError::Mapped),
    ] {
        assert_eq!(address(text), Err(error), "{text:?}");
    }
}

#[test]
fn a_network_is_an_address_and_a_plain_length() {
    assert_eq!(network("192.168.0.1/24").to_string(), "192.168.0.1/24");
    assert_eq!(network("2001:DB8::/0").to_string(), "2001:db8::/0");
    for (text, error) in [
        ("192.168.0.0", NetworkError::Prefix),
        ("192.168.0.0/", NetworkError::Prefix),
        ("192.168.0.0/33", NetworkError::Prefix),
        ("::/129", NetworkError::Prefix),
        ("::/1000", NetworkError::Prefix),
        ("192.168.0.0/024", NetworkError::Prefix),
        ("192.168.0.0/00", NetworkError::Prefix),
        ("192.168.0.0/+24", NetworkError::Prefix),
        ("192.168.0.0/24/24", NetworkError::Address),
        ("fe80::1%en0/24", NetworkError::Zone),
        ("::ffff:192.168.0.1/24", NetworkError::Mapped),
        ("::ffff:c0a8:1/112", NetworkError::Mapped),
    ] {
        assert_eq!(text.parse::<Cidr>(), Err(error), "{text:?}");
    }
}

#[test]
fn a_network_contains_what_has_its_prefix() {
    let private = network("10.1.0.0/16");
    assert!(private.contains(address("10.1.255.255").unwrap()));
    assert!(!private.contains(address("10.2.0.0").unwrap()));
    assert!(!network("0.0.0.0/0").contains(address("::").unwrap()));
    assert!(!network("::/0").contains(address("0.0.0.0").unwrap()));
    assert!(private.contains_network(network("10.1.2.0/24")) && private.contains_network(private));
    assert!(!private.contains_network(network("10.0.0.0/8")));
    assert!(network("0.0.0.0/0").contains_network(network("255.255.255.255/32")));
    assert_eq!(network("10.1.2.3/16").masked(), network("10.1.0.0/16"));
    assert_eq!(network("10.1.2.3/32").masked(), network("10.1.2.3/32"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(
        text in any::<String>(),
        like in "[0-9a-f:.]{0,24}",
        length in "/?[0-9]{0,4}",
    ) {
        for text in [text, format!("{like}{length}")] {
            let _: Result<IpAddr, _> = address(&text);
            let _: Result<Cidr, _> = text.parse();
        }
    }

    #[test]
    fn a_network_is_read_as_it_is_written(bits in any::<u128>(), v4 in any::<bool>(), length in 0..=128_u8) {
        let address = if v4 { IpAddr::V4(u32::try_from(bits >> 96).unwrap().into()) } else { IpAddr::V6(bits.into()) };
        let length = if v4 { length / 4 } else { length };
        let network = Cidr::new(address, length).unwrap();
        prop_assert_eq!(network.to_string().parse(), Ok(network));
        prop_assert!(network.contains(address) && network.contains_network(network.masked()));
        prop_assert_eq!(network.masked().masked(), network.masked());
    }
}
