use super::*;

#[test]
fn every_global_is_named_once() {
    let mut names: Vec<_> = WANTED.iter().map(|wanted| wanted.global).collect();
    names.sort_unstable();
    let before = names.len();
    names.dedup();
    assert_eq!(names.len(), before);
    assert!(WANTED.iter().all(|wanted| matches!(wanted.presence, "must" | "may")));
}

#[test]
#[ignore = "needs a kernel with BTF, as the tests that load programs do"]
fn running_kernel_has_every_member_that_is_needed() {
    let offsets = resolve().expect("the running kernel is supported");
    assert_eq!(offsets.len(), WANTED.len());
    let of = |name| offsets.iter().find(|(global, _)| *global == name).map(|(_, offset)| *offset);
    assert_ne!(of("TASK_TGID"), of("TASK_PID"));
    assert_eq!(of("TASK_TGID").zip(of("TASK_PID")).map(|(tgid, pid)| tgid - pid), Some(4));
}

#[test]
fn missing_member_is_named() {
    if let Ok(kernel) = open(&Path::new(FOLDER).join("vmlinux")) {
        let wanted =
            Wanted { global: "X", presence: "must", structure: "task_struct", members: &["no_such_member"] };
        let error = value(&kernel, None, &wanted).expect_err("no kernel has it");
        assert!(error.to_string().contains("`struct task_struct` has no member `no_such_member`"), "{error}");
    }
}

#[test]
fn kernel_without_btf_is_told_what_it_lacks() {
    let error = open(Path::new("/no/such/btf")).err().expect("there is none");
    let sentence = error.to_string();
    assert!(sentence.contains("cannot read /no/such/btf (CONFIG_DEBUG_INFO_BTF)"), "{sentence}");
}
