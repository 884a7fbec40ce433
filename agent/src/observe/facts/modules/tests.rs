use super::*;

fn modules(lsm: Option<&str>, selinuxfs: bool) -> Modules {
    let sys = tempfile::tempdir().unwrap();
    fs::create_dir_all(sys.path().join("kernel/security")).unwrap();
    if let Some(lsm) = lsm {
        fs::write(sys.path().join("kernel/security/lsm"), lsm).unwrap();
    }
    if selinuxfs {
        fs::create_dir_all(sys.path().join("fs/selinux")).unwrap();
        fs::write(sys.path().join("fs/selinux/enforce"), "0").unwrap();
    }
    Modules::read(sys.path())
}

#[test]
fn modules_are_on_or_off_as_the_kernel_lists_them() {
    let (on, off) = (Known::Known(true), Known::Known(false));
    let ubuntu = modules(Some("lockdown,capability,landlock,yama,apparmor"), false);
    assert_eq!(ubuntu, Modules { apparmor: on, selinux: off });
    assert_eq!(modules(Some("capability,selinux,bpf\n"), true), Modules { apparmor: off, selinux: on });
    assert_eq!(modules(Some("capability,bpf"), true), Modules { apparmor: off, selinux: off });
}

#[test]
fn what_does_not_tell_is_unknown() {
    assert_eq!(modules(None, true), Modules::default());
    assert_eq!(modules(Some("selinux"), false).selinux, Known::Unknown);
}
