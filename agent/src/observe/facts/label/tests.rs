use super::*;

#[test]
fn labels_of_both_modules_are_read() {
    assert_eq!(label(b"cri-containerd.apparmor.d (enforce)\n"), Some("cri-containerd.apparmor.d (enforce)"));
    assert_eq!(label(b"unconfined\n"), Some("unconfined"));
    let selinux = "system_u:system_r:container_t:s0:c1,c2";
    assert_eq!(label(format!("{selinux}\0").as_bytes()), Some(selinux));
}

#[test]
fn what_is_no_label_is_none() {
    for text in [&b""[..], b"\n", b"\0", b"a\nb", b"a\x1b[31m", b"\xff"] {
        assert_eq!(label(text), None, "{text:?}");
    }
}
