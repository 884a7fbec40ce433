use proptest::prelude::*;

use super::*;

/// Of a shell in a container of containerd's defaults (Linux 6.18), lines that nothing reads left out.
const SHELL: &str = "Name:\tsh\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t4711\nPid:\t4711\nPPid:\t4690\n\
    Uid:\t1000\t1001\t1001\t1001\nGid:\t1000\t1002\t1002\t1002\nNStgid:\t4711\t1\nCapInh:\t0000000000000000\n\
    CapPrm:\t00000000a80425fb\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425ff\nCapAmb:\t0000000000000000\n\
    NoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";

#[test]
fn a_shells_credentials_are_read() {
    let expected = Credentials {
        permitted: 0xa804_25fb,
        bounding: 0xa804_25ff,
        no_new_privileges: true,
        seccomp: Seccomp::Filter,
    };
    assert_eq!(Credentials::parse(SHELL.as_bytes()), Some(expected));
}

#[test]
fn a_file_that_is_cut_or_lacks_a_line_is_nothing() {
    let whole = SHELL.find("Seccomp_filters").unwrap();
    for length in 0..whole - 2 {
        assert_eq!(Credentials::parse(&SHELL.as_bytes()[..length]), None, "{length}");
    }
    for name in ["CapPrm", "CapBnd", "NoNewPrivs", "Seccomp"] {
        let without: String = SHELL.lines().filter(|line| !line.starts_with(&format!("{name}:"))).collect();
        assert_eq!(Credentials::parse(without.as_bytes()), None, "{name}");
    }
}

#[test]
fn a_name_that_holds_other_lines_changes_nothing() {
    let forged = SHELL.replace("sh\n", "x\\nSeccomp:\\t0\u{fffd}\n");
    assert_eq!(Credentials::parse(forged.as_bytes()), Credentials::parse(SHELL.as_bytes()));
}

#[test]
fn what_is_out_of_range_is_nothing() {
    for (from, to) in [
        ("a80425ff", "fffffffffffffffff"),
        ("NoNewPrivs:\t1", "NoNewPrivs:\t-1"),
        ("Seccomp:\t2", "Seccomp:\t3"),
    ] {
        let text = SHELL.replace(from, to);
        assert_eq!(Credentials::parse(text.as_bytes()), None, "{to}");
    }
}

#[test]
fn of_two_tasks_the_weakest_of_each_counts() {
    let shell = Credentials::parse(SHELL.as_bytes()).unwrap();
    let free =
        Credentials { permitted: 1 << 40, bounding: 0, no_new_privileges: false, seccomp: Seccomp::Disabled };
    let both = Credentials { permitted: shell.permitted | 1 << 40, bounding: shell.bounding, ..free };
    assert_eq!((shell.either(free), free.either(shell), shell.either(shell)), (both, both, shell));
    let strict = Credentials { seccomp: Seccomp::Strict, ..shell };
    assert_eq!(strict.either(shell).seccomp, Seccomp::Filter);
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(text in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(Credentials::parse(&text), None);
    }
}
