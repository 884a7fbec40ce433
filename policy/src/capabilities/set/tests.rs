use super::*;

#[test]
fn names_are_sorted_and_each_is_there() {
    let all: Vec<_> = Set::from_bits(u64::MAX).names().collect();
    let mut sorted = NAMES.to_vec();
    sorted.sort_unstable();
    assert_eq!(all, sorted);
    assert_eq!((Set::from_bits(u64::MAX).len(), Set::default().is_empty()), (41, true));
}

#[test]
fn numbers_are_the_kernels() {
    // What containerd gives by default, as /proc/PID/status shows it.
    let names: Vec<_> = Set::from_bits(0xa804_25fb).names().collect();
    let defaults = [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_RAW",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];
    assert_eq!(names, defaults);
    assert_eq!(defaults.into_iter().collect::<Set>(), Set::from_bits(0xa804_25fb));
}

#[test]
fn a_name_is_read_as_runtimes_read_it_and_nonsense_is_none() {
    let set = |names: &[&str]| names.iter().copied().collect::<Set>();
    assert_eq!(
        set(&["cap_sys_admin", "CAP_CHOWN", "ALL", "", "CAP_", "SYS_ADMINS"]),
        set(&["CHOWN", "SYS_ADMIN"])
    );
}

#[test]
fn sets_are_taken_from_one_another() {
    let (both, one) = (Set::from_bits(0b11), Set::from_bits(0b10));
    assert_eq!((both - one, one - both, one | both), (Set::from_bits(1), Set::default(), both));
    assert!(both.contains(one) && !one.contains(both) && one.contains(Set::default()));
}

#[test]
fn expressions_and_json_see_the_names() {
    let set = Set::from_bits(0b1_0001);
    assert_eq!(serde_json::to_string(&set).unwrap(), r#"["CHOWN","FSETID"]"#);
    let get = |index: usize| match set.get(index) {
        Lookup::Found(Value::String(name)) => Some(name.to_string()),
        _ => None,
    };
    assert_eq!(
        (set.size(), get(0).as_deref(), get(1).as_deref(), get(2)),
        (2, Some("CHOWN"), Some("FSETID"), None)
    );
}
