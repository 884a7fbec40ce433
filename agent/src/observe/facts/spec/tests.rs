use std::fs;
use std::os::unix::fs::symlink;

use super::*;

fn node(text: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("run/bundle")).unwrap();
    fs::write(root.path().join("run/bundle/config.json"), text).unwrap();
    root
}

#[test]
fn a_bundles_specification_is_read_as_the_node_names_it() {
    let root = node(r#"{"root": {"path": "rootfs", "readonly": true}}"#);
    let spec = read(root.path(), Path::new("/run/bundle")).unwrap();
    assert!(spec.root.as_ref().unwrap().readonly);
    symlink("/run", root.path().join("var-run")).unwrap();
    assert_eq!(
        read(root.path(), Path::new("/var-run/bundle")).unwrap().root,
        spec.root,
        "the node's own /run"
    );
}

#[test]
fn what_is_no_specification_is_none() {
    for text in ["", "[]", "{\"root\":", "{\"root\": {\"readonly\": 7}}", "\u{0}"] {
        assert_eq!(read(node(text).path(), Path::new("/run/bundle")), None, "{text:?}");
    }
    let large = format!("{{\"ociVersion\": \"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(read(node(&large).path(), Path::new("/run/bundle")), None);
    assert_eq!(read(node("{}").path(), Path::new("/run/other")), None);
}

#[test]
fn nothing_is_read_through_a_pipe() {
    let root = node("{}");
    let bundle = root.path().join("run/piped");
    fs::create_dir(&bundle).unwrap();
    nix::unistd::mkfifo(&bundle.join("config.json"), nix::sys::stat::Mode::S_IRUSR).unwrap();
    assert_eq!(read(root.path(), Path::new("/run/piped")), None);
    assert_eq!(bounded(&bundle.join("config.json"), 10).as_deref(), Some(&b""[..]));
}
