use super::{ranges, silent_checks};

const SYMBOLS: &str = "\
ffffffff81000000 T _stext
ffffffff81000100 T security_vm_enough_memory_mm
ffffffff81000180 t after_it
ffffffff81000200 T ns_capable_noaudit
ffffffff81000200 T alias_of_it
ffffffff81000240 D data_is_no_code
ffffffff81000300 t last
ffffffffc0000000 t has_capability_noaudit\t[module]
";

#[test]
fn function_ends_where_the_next_symbol_begins() {
    let found = ranges(SYMBOLS.as_bytes()).expect("memory can be read").expect("addresses are there");
    assert_eq!(found[..2], [0xffff_ffff_8100_0100, 0xffff_ffff_8100_0180]);
    assert_eq!(found[2..6], [0; 4], "a module's function and one that is not there ask for nothing");
    assert_eq!(found[6..], [0xffff_ffff_8100_0200, 0xffff_ffff_8100_0300]);
}

#[test]
fn hidden_addresses_are_none() {
    let hidden = "0000000000000000 T security_vm_enough_memory_mm\n";
    assert_eq!(ranges(hidden.as_bytes()).expect("memory can be read"), None);
    assert_eq!(ranges(&b""[..]).expect("memory can be read"), None);
}

#[test]
fn running_kernel_has_ranges_in_order_or_none() {
    for range in silent_checks().chunks_exact(2) {
        assert!(range[0] < range[1] || range == [0, 0], "{range:x?}");
    }
}
