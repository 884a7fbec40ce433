use super::*;

const VENDOR: &str = "cdiVersion: 0.6.0\nkind: vendor.com/device\ndevices:\n- name: one\n  containerEdits:\n    \
    mounts: [{hostPath: /opt/vendor/bin/tool, containerPath: /usr/bin/tool}]\ncontainerEdits:\n  mounts:\n  \
    - {hostPath: /opt/vendor/lib, containerPath: /usr/lib/vendor}\n";

fn node(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (file, text) in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

#[test]
fn targets_of_devices_and_of_all_are_found() {
    let json = r#"{"devices": [{"containerEdits": {"mounts": [{"containerPath": "/usr/bin/tool"}]}}]}"#;
    let root = node(&[("etc/cdi/vendor.yaml", VENDOR), ("run/cdi/b.json", json), ("etc/cdi/README", "[")]);
    assert_eq!(targets(root.path()).unwrap(), ["/usr/bin/tool", "/usr/lib/vendor"]);
}

#[test]
fn a_node_without_any_has_no_targets() {
    assert_eq!(targets(node(&[]).path()), Some(Vec::new()));
    let nothing =
        node(&[("etc/cdi/a.yaml", "devices: 7\ncontainerEdits: {mounts: [7, {containerPath: []}]}\n")]);
    assert_eq!(targets(nothing.path()), Some(Vec::new()));
}

#[test]
fn one_that_cannot_be_read_leaves_all_unknown() {
    let large = format!("a: {}\n", "x".repeat(1 << 20));
    for text in ["a: [\n", "\u{0}", &large] {
        let root = node(&[("etc/cdi/vendor.yaml", VENDOR), ("run/cdi/broken.yaml", text)]);
        assert_eq!(targets(root.path()), None, "{}", &text[..4.min(text.len())]);
    }
    let file = node(&[("etc/cdi", "not a folder")]);
    assert_eq!(targets(file.path()), None);
}
