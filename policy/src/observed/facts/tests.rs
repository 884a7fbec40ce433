use super::*;

#[test]
fn an_id_is_found_inside_only_where_a_range_maps_it() {
    let map = IdMap(vec![
        IdRange { inside: 0, outside: 100_000, length: 1000 },
        IdRange { inside: 5000, outside: 7, length: 1 },
    ]);
    let table = [
        (100_000, Some(0)),
        (100_999, Some(999)),
        (101_000, None),
        (99_999, None),
        (7, Some(5000)),
        (0, None),
    ];
    for (outside, inside) in table {
        assert_eq!(map.inside(outside), inside, "{outside}");
    }
    for (inside, outside) in [(0, Some(100_000)), (999, Some(100_999)), (1000, None), (5000, Some(7))] {
        assert_eq!(map.outside(inside), outside, "{inside}");
    }
    let initial = IdMap(vec![IdRange { inside: 0, outside: 0, length: u32::MAX }]);
    assert_eq!((initial.inside(1000), initial.inside(u32::MAX)), (Some(1000), None));
    let nonsense = IdMap(vec![IdRange { inside: u32::MAX, outside: 0, length: u32::MAX }]);
    assert_eq!(nonsense.inside(1), None);
    let nonsense = IdMap(vec![IdRange { inside: 0, outside: u32::MAX, length: u32::MAX }]);
    assert_eq!(nonsense.outside(1), None);
}
