use crate::functions::tests::result;

#[test]
fn addresses_are_told_apart_by_what_they_are_for() {
    let parts = "[a.family() == 4, a.isUnspecified(), a.isLoopback(), a.isLinkLocalMulticast(), \
                 a.isLinkLocalUnicast(), a.isGlobalUnicast()]";
    let answers = |address: &str| {
        let answers = result(&format!("['{address}'].map(t, ip(t)).map(a, {parts})[0]"));
        answers.replace("true", "+").replace("false", "-").replace(", ", "")
    };
    for (address, expected) in [
        ("0.0.0.0", "[++----]"),
        ("127.1.2.3", "[+-+---]"),
        ("224.0.0.251", "[+--+--]"),
        ("224.0.1.1", "[+-----]"),
        ("169.254.169.254", "[+---+-]"),
        ("255.255.255.255", "[+-----]"),
        ("192.168.0.1", "[+----+]"),
        ("::", "[-+----]"),
        ("::1", "[--+---]"),
        ("ff02::1", "[---+--]"),
        ("ff12::1", "[---+--]"),
        ("ff0f::2", "[------]"),
        ("febf::1", "[----+-]"),
        ("fec0::1", "[-----+]"),
        ("fd00::1", "[-----+]"),
    ] {
        assert_eq!(answers(address), expected, "{address}");
    }
}

#[test]
fn addresses_and_networks_are_values() {
    assert_eq!(
        result("[ip('2001:DB8::1'), cidr('10.0.0.1/8')]"),
        "[ip(\"2001:db8::1\"), cidr(\"10.0.0.1/8\")]"
    );
    assert_eq!(result("string(ip('::0001')) + ' ' + string(cidr('10.0.0.1/8'))"), "\"::1 10.0.0.1/8\"");
    assert_eq!(result("type(ip('::1')) == net.IP && type(cidr('::/0')) == net.CIDR"), "true");
    assert_eq!(result("ip('::ffff:c0a8:1') == ip('192.168.0.1')"), "true");
    assert_eq!(
        result("[isIP('1.2.3.4'), isIP('1.2.3'), isCIDR('1.2.3.4/32'), isCIDR('1.2.3.4')]"),
        "[true, false, true, false]"
    );
    assert_eq!(result("[ip.isCanonical('2001:db8::1'), ip.isCanonical('2001:DB8::1')]"), "[true, false]");
}

#[test]
fn networks_contain_addresses_and_networks() {
    let network = "cidr('192.168.0.1/24')";
    assert_eq!(
        result(&format!("[{network}.masked(), {network}.ip()]")),
        "[cidr(\"192.168.0.0/24\"), ip(\"192.168.0.1\")]"
    );
    assert_eq!(result(&format!("[{network}.isMask(), {network}.masked().isMask()]")), "[false, true]");
    assert_eq!(result(&format!("{network}.prefixLength()")), "24");
    assert_eq!(
        result(&format!("[ip('192.168.0.9'), ip('::')].map(a, {network}.containsIP(a))")),
        "[true, false]"
    );
    assert_eq!(
        result(&format!("[{network}.containsIP('192.168.0.9'), {network}.containsCIDR('192.168.0.0/23')]")),
        "[true, false]"
    );
    assert_eq!(result(&format!("{network}.containsCIDR(cidr('192.168.0.128/25'))")), "true");
}

#[test]
fn what_is_no_address_or_network_is_an_error_that_says_why() {
    assert_eq!(
        result("['1.2.3'].map(a, ip(a))"),
        "error: \"1.2.3\" is no net.IP: it is not written as an address"
    );
    assert_eq!(
        result("['::1%a'].map(a, ip.isCanonical(a))"),
        "error: \"::1%a\" is no net.IP: an address with a zone is not allowed"
    );
    assert_eq!(
        result("['::ffff:1.2.3.4/8'].map(a, cidr('::/0').containsCIDR(a))"),
        "error: \"::ffff:1.2.3.4/8\" is no net.CIDR: an IPv4 address within an IPv6 one is not allowed"
    );
    assert_eq!(
        result("['::/x'].map(a, cidr(a))"),
        "error: \"::/x\" is no net.CIDR: it does not end in the length of a prefix"
    );
    assert_eq!(
        result("[''].map(a, cidr('::/0').containsIP(a))"),
        "error: \"\" is no net.IP: it is not written as an address"
    );
}
