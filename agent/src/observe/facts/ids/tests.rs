use proptest::prelude::*;

use super::*;

#[test]
fn the_nodes_own_map_changes_nothing() {
    let map = parse(b"         0          0 4294967295\n").unwrap();
    assert_eq!(map, IdMap(vec![IdRange { inside: 0, outside: 0, length: u32::MAX }]));
}

#[test]
fn a_pods_own_range_is_read_with_all_its_lines() {
    // hostUsers: false, and one id more that a volume is owned by.
    let map = parse(b"         0    1638400      65536\n    100000       1000          1\n").unwrap();
    assert_eq!((map.inside(1_638_400), map.inside(1000), map.inside(0)), (Some(0), Some(100_000), None));
}

#[test]
fn a_namespace_without_a_map_has_no_ids() {
    assert_eq!(parse(b""), Some(IdMap(Vec::new())));
}

#[test]
fn what_is_no_map_is_nothing() {
    for map in ["0 0\n", "0 0 1 2\n", "a b c\n", "0 0 4294967296\n", "0 0 10\nx\n", "\n"] {
        assert_eq!(parse(map.as_bytes()), None, "{map:?}");
    }
    assert_eq!(parse(b"\xff 0 1"), None);
    assert_eq!(parse("0 0 1\n".repeat(341).as_bytes()), None, "more than the kernel takes");
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(text in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&text);
    }
}
